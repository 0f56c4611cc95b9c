"""What a row of an import would do."""

from dataclasses import dataclass, field
from typing import Any

from candidates.models import Candidate
from cqp.imports import Problem, Row


@dataclass
class Planned:
    """`act`: "create", "enrol" (a known person), "update", "same" (nothing changes), "choose" (who is it?) or "refused".

    changes: (what, before, after), as people read them. arguments: what the service is given.
    """

    row: Row
    act: str = "refused"
    who: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    twin: Candidate | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    target: Any = None

    @property
    def birth_text(self) -> str:
        """The birth date of the row, as far as it is written."""
        year, month, day = self.row.values["birth"]
        return "/".join([*(f"{n:02d}" for n in (day, month) if n), str(year)])

    def refuse(self, key: str, written: str, message: str, label: str = "") -> None:
        self.row.errors.append(Problem(key, written, message, label))
        self.act = "refused"
