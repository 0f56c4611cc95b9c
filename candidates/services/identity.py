"""Who is who: a candidate is one row of the branch, whatever the number of sessions and the way the name was typed."""

from django.core.exceptions import ValidationError

from candidates.models import Candidate
from candidates.services.accounts import account_for, find_account
from cqp.text import fold

IDENTITY = (
    "birth_name",
    "used_name",
    "first_names",
    "sex",
    "birth_year",
    "birth_month",
    "birth_day",
    "birth_place",
    "birth_insee",
    "birth_country",
)


BIRTH_NUMBERS = (
    ("birth_year", range(1, 10000), "Vérifiez l'année de naissance."),
    ("birth_month", range(1, 13), "Le mois est un nombre de 1 à 12 ; laissez-le vide s'il est inconnu."),
    ("birth_day", range(1, 32), "Le jour est un nombre de 1 à 31 ; laissez-le vide s'il est inconnu."),
)


def tidy(text: str) -> str:
    """Return a name with its spaces folded; letters, apostrophes and hyphens stay as they were typed."""
    return " ".join(text.split())


def candidate_for(identity: Candidate, email: str) -> Candidate:
    """Return the branch's candidate who is this person, with an account; `identity` itself when it is new, unsaved."""
    clean_identity(identity)
    email = email.strip().lower()
    candidate = same_person(identity)
    if candidate and candidate.user and candidate.user.email != email:
        message = (
            f"La branche connaît déjà {_known_as(candidate)}, avec l'adresse {candidate.user.email} : reprenez-la."
        )
        raise ValidationError({"email": message})
    candidate = candidate or identity
    if candidate.user is None:
        _check_address_is_free(candidate, email)
        names = [candidate.used_name, candidate.birth_name]
        candidate.user = account_for(email, first_name=first_given_name(candidate.first_names), last_names=names)
    return candidate


def _check_address_is_free(candidate: Candidate, email: str) -> None:
    """Raise ValidationError when the address belongs to another candidate of the branch."""
    user = find_account(email)
    other = Candidate.objects.filter(user=user, branch=candidate.branch_id).first() if user else None
    if other:
        message = (
            f"Cette adresse est celle de {_known_as(other)}. Si c'est la même personne, reprenez son nom, ses prénoms "
            "et sa date de naissance ; sinon, demandez une adresse qui soit propre à cette personne."
        )
        raise ValidationError({"email": message})


def same_person(identity: Candidate) -> Candidate | None:
    """Return the branch's candidate who has this birth name, these first names and this birth date.

    Case, accents, apostrophes and hyphens do not count, nor first names given by one and not by the other.
    """
    born = Candidate.objects.filter(
        branch=identity.branch_id,
        birth_year=identity.birth_year,
        birth_month=identity.birth_month,
        birth_day=identity.birth_day,
    ).exclude(pk=identity.pk)
    name, given = fold(identity.birth_name), fold(identity.first_names).split()
    for candidate in born.select_related("user").order_by("pk"):
        theirs = fold(candidate.first_names).split()
        shorter = min(len(given), len(theirs))
        if fold(candidate.birth_name) == name and shorter and given[:shorter] == theirs[:shorter]:
            return candidate
    return None


def first_given_name(first_names: str) -> str:
    """Return the first of the first names: `Léa` of `Léa, Marie`, `Anne-Lise` of `Anne-Lise Marie`."""
    return first_names.replace(",", " ").split()[0]


def _known_as(candidate: Candidate) -> str:
    return f"{candidate.first_names} {candidate.birth_name} (naissance : {candidate.birth_date_text})"


def check_no_twin(candidate: Candidate) -> None:
    if twin := same_person(candidate):
        message = f"La branche connaît déjà {_known_as(twin)} : ce serait une seconde fiche de la même personne."
        raise ValidationError({"birth_name": message})


def clean_identity(candidate: Candidate) -> None:
    """Raises ValidationError by field."""
    errors = {}
    candidate.first_names = candidate.first_names.strip(" ,")
    for name in ("birth_name", "first_names"):
        if not fold(getattr(candidate, name)):
            errors[name] = "Écrivez ce nom avec des lettres."
    for name, possible, words in BIRTH_NUMBERS:
        value = getattr(candidate, name)
        if value is not None and value not in possible:
            errors[name] = words
    if getattr(candidate, "birth_year", None) is None:
        errors["birth_year"] = "Indiquez l'année de naissance."
    if errors:
        raise ValidationError(errors)
    candidate.full_clean(validate_unique=False, validate_constraints=False)
