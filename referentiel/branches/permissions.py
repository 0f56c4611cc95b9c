"""Who administers a branch, and who may change its référentiels. Pure questions on one object."""

from cqp.models import User
from referentiel.models import Referentiel


def administers_branch(user: User, branch_id: int) -> bool:
    return user.administered_branches.filter(pk=branch_id).exists()


def can_edit(user: User, referentiel: Referentiel) -> bool:
    """An administrator of its branch, as long as it is a draft."""
    return not referentiel.is_sealed and administers_branch(user, referentiel.branch_id)
