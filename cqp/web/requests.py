"""The request of a person."""

from django.http import HttpRequest

from cqp.models import User


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in: `cqp.web.middleware.LoginRequiredMiddleware` lets no other reach a view."""

    user: User
