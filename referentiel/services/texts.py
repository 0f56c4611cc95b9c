"""A branch words its mails."""

from collections.abc import Mapping

from django.db import transaction

from cqp import journal
from cqp.models import User
from referentiel.models import Branch, BranchText
from referentiel.permissions import administers_branch


def write_texts(*, branch: Branch, template: str, words: Mapping[str, str], by: User) -> None:
    """Keep what the branch says in each zone of a mail; an empty text gives our words back. Raises PermissionError."""
    if not administers_branch(by, branch):
        raise PermissionError("Only an administrator of the branch words its mails.")
    with transaction.atomic():
        BranchText.objects.filter(branch=branch, template=template).exclude(
            zone__in=[zone for zone, text in words.items() if text]
        ).delete()
        for zone, text in words.items():
            if text:
                BranchText.objects.update_or_create(
                    branch=branch, template=template, zone=zone, defaults={"words": text}
                )
        told = {"mail": template, "words": dict(words)}
        journal.record(f"branch:{branch.pk}", "mail.worded", told, by=by)
