"""What the upper packages add to a session's board."""

from collections.abc import Callable
from typing import Any

from candidates.models import Session
from cqp.core.registry import Registry
from cqp.models import User

# A function of (session, user) that returns the name of a template and its context; the board includes the template with
# that context under the name `panel`, the session under `session`. A fixed number of queries each.
panels: Registry[Callable[[Session, User], tuple[str, dict[str, Any]]]] = Registry("candidates.board.hooks.panels")
