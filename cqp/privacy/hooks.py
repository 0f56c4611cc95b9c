"""What is kept of a person and what is erased, field by field: the apps say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cqp.core.registry import Registry


@dataclass(frozen=True)
class Fields:
    """Of the rows about a person: `emptied` are the fields that are erased and what they get, MARK for a text that was there.

    `retained` are the others. `is_deleted`: the rows are deleted. `why`: the table tells of no candidate, all of it stays.
    """

    retained: frozenset[str] = frozenset()
    emptied: Mapping[str, Any] = field(default_factory=dict)
    is_deleted: bool = False
    why: str = ""

    @property
    def named(self) -> frozenset[str]:
        return self.retained | frozenset(self.emptied)


fields: Registry[Fields] = Registry("cqp.privacy.hooks.fields")
