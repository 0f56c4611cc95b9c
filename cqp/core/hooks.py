"""What is done every minute: the packages say what."""

from collections.abc import Callable
from dataclasses import dataclass

from cqp.core.registry import Registry


@dataclass(frozen=True)
class Job:
    """`run` returns how many things it did; `label` says it in French, `{count}` standing for the number ("" says nothing).

    `atomic`: it runs in a transaction.
    """

    run: Callable[[], object]
    label: str = ""
    atomic: bool = False


periodic: Registry[Job] = Registry("cqp.core.hooks.periodic")
