"""What the mails add: those whose sender was killed are shown."""

from cqp.core.hooks import Job, periodic
from cqp.mail.outbox import show_interrupted_mails

periodic.register(
    Job(show_interrupted_mails, "{count} courriel(s) interrompu(s) : peut-être partis."),
    key="interrupted mails",
    order=73,
)
