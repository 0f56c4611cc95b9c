"""What the upper packages add to an interview's page."""

from collections.abc import Callable
from typing import Any

from candidates.models import Interview
from cqp.core.registry import Registry
from cqp.models import User

# As the panels of a session's board, with the interview under `interview`.
interview_panels: Registry[Callable[[Interview, User], tuple[str, dict[str, Any]]]] = Registry(
    "candidates.planning.hooks.interview_panels"
)
