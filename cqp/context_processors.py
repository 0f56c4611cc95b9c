from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cqp import roles


def site(request: HttpRequest) -> dict[str, object]:
    """What every page may need to know: the mode, and the person's roles, asked by the pages that use them."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "standing": SimpleLazyObject(lambda: roles.standing(user)) if user is not None else None,
    }
