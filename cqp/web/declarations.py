"""What is done every minute for the limits."""

from cqp.core.hooks import Job, periodic
from cqp.web.rate_limits import delete_expired

periodic.register(Job(delete_expired), key="rate_limits", order=85)
