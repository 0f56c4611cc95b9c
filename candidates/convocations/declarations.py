"""What the convocations do every minute."""

from candidates.convocations.reminders import send_reminders
from cqp.core.hooks import Job, periodic
from cqp.evidence.hooks import declare_evident, declare_plain

periodic.register(Job(send_reminders, "{count} rappel(s) envoyé(s)."), key="reminders", order=74)

declare_evident(
    "candidates.Convocation", "session enrolment appointment events cancelled digest mail asked_by asked_at"
)
declare_plain("It says which mail went out.", "candidates.Reminder")
