"""The words of a branch in its mails."""

from referentiel.models import BranchText


def branch_texts(branch_id: int, template: str) -> dict[str, str]:
    """Return what the branch wrote of a mail, by zone."""
    return dict(BranchText.objects.filter(branch=branch_id, template=template).values_list("zone", "text"))
