"""What the upper packages add to the archive of a person's data, and to its erasure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from django.core.files import File

from candidates.models import Enrolment
from candidates.privacy.erasure_context import Erasing
from cqp.core.registry import Registry

type Data = dict[str, Any]


@dataclass(frozen=True)
class Enclosed:
    """A file of the archive: its path there, and how to open it. Raises FileNotFoundError where it is gone."""

    path: str
    open: Callable[[], IO[bytes] | File]


# Each returns keys of the enrolment in `donnees.json`, and files.
export_parts: Registry[Callable[[Enrolment], tuple[Data, list[Enclosed]]]] = Registry(
    "candidates.privacy.hooks.export_parts"
)
# In their order: what hangs on a row before the row; from the candidate's own on, the database lets nothing more go.
erasure_parts: Registry[Callable[[Erasing], None]] = Registry("candidates.privacy.hooks.erasure_parts")
