"""What is evident of an enrolment: who, to which session and blocs, by which route, with which measures."""

from cqp.evidence.hooks import declare_evident, declare_plain

declare_evident(
    "candidates.Enrolment",
    "session candidate employer training_centre access_route extra_minutes break_minutes other_measures at_distance "
    "identity_confirmed_at created_at",
)
declare_evident("candidates.EnrolmentBloc", "enrolment bloc declared")
declare_evident(
    "candidates.AccommodationWish",
    "enrolment measures asked_at proof_seen_on proof_seen_by answer answered_at answered_by answer_text",
)
declare_plain("A link to come in by; who came in is an account.", "candidates.Invitation")
declare_plain("What it wrote is evident where it was written.", "candidates.Import")
