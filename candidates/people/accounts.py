"""The account of a person whom a branch enrols or appoints: found by its e-mail address, else made."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from candidates.models import Candidate
from cqp.core.text import normalise
from cqp.models import User


def find_account(email: str) -> User | None:
    return User.objects.filter(email__iexact=email.strip()).first()


def clean_address(email: str) -> str:
    """Return an address as accounts have it. Raises ValidationError when it is not one."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError({"email": "Cette adresse électronique n'en est pas une : vérifiez-la."}) from None
    return email


@transaction.atomic
def get_or_create_account(email: str, *, first_name: str, last_names: Iterable[str]) -> User:
    """Return the account of `email`, made without a password when there is none: its owner enters with a code.

    `last_names` are the names that the person may go by, the preferred first. Raises ValidationError for an address
    that is not one, and for one whose account bears another name: it would open somebody's dossier to somebody else.
    """
    email = clean_address(email)
    names = [name for name in last_names if name]
    user = find_account(email)
    if user is None:
        user = User(email=email, first_name=first_name, last_name=names[0])
        user.set_unusable_password()
        user.full_clean()
        user.save()
    elif not user.last_name and not user.first_name:
        user.first_name, user.last_name = first_name, names[0]
        user.save(update_fields=["first_name", "last_name"])
    elif not bears_name(user, first_name, names):
        message = (
            "Cette adresse est celle d'une autre personne. Vérifiez le nom et l'adresse ; si l'adresse est partagée, "
            "demandez-en une qui soit propre à cette personne."
        )
        raise ValidationError({"email": message})
    return user


def bears_name(user: User, first_name: str, names: list[str]) -> bool:
    """Tell whether an account bears one of these last names and this first name."""
    theirs, own = normalise(user.first_name).split(), normalise(first_name).split()
    shorter = min(len(theirs), len(own))
    return normalise(user.last_name) in {normalise(name) for name in names} and theirs[:shorter] == own[:shorter]


def has_another_role(user: User, candidate: Candidate) -> bool:
    """Tell whether an account is more than this candidate's."""
    return (
        user.is_staff
        or user.is_superuser
        or user.administered_branches.exists()
        or user.appointments.exists()
        or user.candidacies.exclude(pk=candidate.pk).exists()
    )
