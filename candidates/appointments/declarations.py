"""What is evident of an appointment: who, in which role, with which undertaking and links."""

from cqp.evidence.hooks import declare_evident, declare_plain

declare_evident("candidates.Appointment", "session user role college sex is_qualified undertaking_signed_at is_reserve")
declare_evident("candidates.Appointment_blocs", "appointment bloc")
declare_evident("candidates.Conflict", "appointment candidate kind declared_by declared_at")
declare_plain("It decides nothing: an interview names who holds it.", "candidates.Absence")
