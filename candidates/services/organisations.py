"""Employers and training centres, known to a branch by their name."""

from candidates.models import Organisation
from cqp.text import fold


def organisation_named(name: str, *, kind: str, branch_id: int) -> Organisation | None:
    """Return the branch's organisation of this name, created when it is new; None for an empty name.

    Case, accents and punctuation do not count: `METRO Bron` and `Métro-Bron` are one.
    """
    name = " ".join(name.split())
    if not name:
        return None
    for known in Organisation.objects.filter(branch=branch_id, kind=kind):
        if known.name == name or (fold(name) and fold(known.name) == fold(name)):
            return known
    organisation = Organisation(branch_id=branch_id, kind=kind, name=name)
    organisation.full_clean()
    organisation.save()
    return organisation
