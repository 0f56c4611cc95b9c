"""What the upper packages add to a session: guards of its transitions, how one is made, what changes with it."""

from collections.abc import Callable
from dataclasses import dataclass

from candidates.models import Session
from cqp.core.registry import Registry
from cqp.models import User
from cqp.workflow import Missing

type SessionGuard = Callable[[Session], list[Missing]]
type Mover = Callable[[Session, User, str], Session]


@dataclass(frozen=True)
class Guard:
    """What else must hold before a session's transition."""

    transition: str
    missing: SessionGuard


guards: Registry[Guard] = Registry("candidates.sessions.hooks.guards")
# How a transition is made that does more than change the state, by its name: mover(session, by, comment).
movers: Registry[Mover] = Registry("candidates.sessions.hooks.movers")
# A function of the session that returns what changes with it.
change_marks: Registry[Callable[[Session], object]] = Registry("candidates.sessions.hooks.change_marks")


def declare_guard(transition: str, missing: SessionGuard, *, order: int = 50) -> None:
    guards.register(
        Guard(transition, missing), key=f"{transition}: {missing.__module__}.{missing.__qualname__}", order=order
    )
