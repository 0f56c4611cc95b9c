"""The link of an invitation, and whom it lets in."""

import re

from django.urls import reverse

from candidates.enrolments.invitations import link_token

HOME = "/candidat/"


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/candidat/invitation/\S+)", message.body)[1]


def link(invitation) -> str:
    return reverse("candidate:invitation", args=[link_token(invitation)])


def person_of(client) -> str | None:
    return client.session.get("_auth_user_id")
