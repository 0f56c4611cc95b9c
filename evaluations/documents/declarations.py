"""The documents of a session."""

from cqp.models.documents import kinds
from evaluations.documents.kinds import KINDS

for kind in KINDS:
    kinds.register(kind, key=kind.name)
