"""What is done every minute for the logins."""

from cqp.accounts.logins import delete_expired
from cqp.core.hooks import Job, periodic

periodic.register(Job(delete_expired), key="logins", order=85)
