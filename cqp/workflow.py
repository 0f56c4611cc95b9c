"""States: one table per model, one way to move.

A workflow lists the transitions of a model. `perform` is the only code that assigns a state: it locks the row, checks the
source, the right and the guard, saves, and writes the journal in the same transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from cqp.core.refusals import RefusedError
from cqp.core.registry import Registry
from cqp.evidence import journal
from cqp.models import User


@dataclass(frozen=True)
class Missing:
    """One thing that stands in the way of a transition: in words, with the page where it is mended ("" for none)."""

    text: str
    url: str = ""


class TransitionRefused(RefusedError):
    """A transition could not be made. `message` says why in French, `missing` lists what stands in the way."""

    def __init__(self, message: str, missing: Iterable[Missing] = ()) -> None:
        self.missing = list(missing)
        super().__init__(message)


def nothing_missing(obj: Any) -> list[Missing]:
    return []


@dataclass(frozen=True)
class Transition:
    """`allowed(user, obj)` is the right, `guard(obj)` what is missing, `effect(obj, by, comment)` more fields to save."""

    name: str
    label: str
    sources: frozenset[str]
    target: str
    allowed: Callable[[User, Any], bool]
    guard: Callable[[Any], list[Missing]] = nothing_missing
    needs_comment: bool = False
    effect: Callable[[Any, User, str], None] | None = None


@dataclass(frozen=True)
class Workflow:
    """The transitions of one model. `stream(obj)` names the journal's stream."""

    name: str
    model: type[models.Model]
    stream: Callable[[Any], str]
    transitions: tuple[Transition, ...]
    by_name: dict[str, Transition] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {t.name: t for t in self.transitions})

    def available(self, obj: Any, user: User) -> list[Transition]:
        """Return the transitions that `user` may try from the object's state."""
        return [t for t in self.transitions if obj.state in t.sources and t.allowed(user, obj)]


workflows: Registry[Workflow] = Registry("cqp.workflow.workflows")


def declare_workflows(*declared: Workflow) -> None:
    for workflow in declared:
        workflows.register(workflow, key=workflow.model._meta.label)


def perform[M: models.Model](obj: M, name: str, *, by: User, comment: str = "") -> M:
    """Make transition `name` on `obj` for `by`, and return the object, saved and up to date.

    Raises TransitionRefused when the state is not a source, the person has no right, a comment is missing or the guard
    finds something. Mails and tasks are the caller's, in the same transaction.
    """
    workflow = workflows.for_key(obj._meta.label)
    transition = workflow.by_name[name]
    comment = comment.replace("\x00", "").strip()
    with transaction.atomic():
        locked: Any = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
        if locked.state not in transition.sources:
            raise TransitionRefused(
                f"« {transition.label} » n'est plus possible : l'état est maintenant « {locked.get_state_display()} »."
            )
        if not transition.allowed(by, locked):
            raise TransitionRefused(f"Vous n'avez pas le droit de faire « {transition.label} ».")
        if transition.needs_comment and not comment:
            raise TransitionRefused(f"« {transition.label} » demande un motif : écrivez-le, il sera conservé.")
        if missing := transition.guard(locked):
            raise TransitionRefused(f"« {transition.label} » n'est pas encore possible.", missing)
        source = locked.state
        locked.state = transition.target
        if transition.effect:
            transition.effect(locked, by, comment)
        locked.save()
        journal.record(
            workflow.stream(locked),
            f"{workflow.name}.{name}",
            {"object": locked.pk, "from": source, "to": transition.target, "comment": comment},
            by=by,
        )
    obj.refresh_from_db()
    return obj
