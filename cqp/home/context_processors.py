from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cqp.accounts import roles


def site(request: HttpRequest) -> dict[str, object]:
    """What every page may need to know: the mode, the person's roles, whom to write to; asked by the pages that use them.

    Whoever has no branch, or is not logged in, is given all the branches.
    """
    user = getattr(request, "user", None)
    standing = SimpleLazyObject(lambda: roles.standing(user)) if user is not None else None
    return {
        "demo": settings.DEMO,
        "standing": standing,
        "contacts": SimpleLazyObject(lambda: (standing and standing.contacts) or roles.all_contacts()),
    }
