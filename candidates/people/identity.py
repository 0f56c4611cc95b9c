"""Who is who: a candidate is one row of the branch, whatever the number of sessions and the way the name was typed.

So are employers and training centres, known to a branch by their name.
"""

from dataclasses import asdict, dataclass, fields

from django.core.exceptions import ValidationError

from candidates.models import Candidate, Organisation, Session
from candidates.people.accounts import find_account, get_or_create_account
from cqp.core.text import normalise


@dataclass(frozen=True, kw_only=True)
class CivilStatus:
    """Who a person is, as it was written: `sex` is a `Candidate.Sex`, month and day are None when they are unknown."""

    birth_name: str
    used_name: str = ""
    first_names: str
    sex: str
    birth_year: int
    birth_month: int | None = None
    birth_day: int | None = None
    birth_place: str = ""
    birth_insee: str = ""
    birth_country: str = "France"

    def as_candidate(self, branch_id: int) -> Candidate:
        """Return a candidate of the branch with this civil status, neither checked nor saved."""
        values = {name: tidy(value) if isinstance(value, str) else value for name, value in asdict(self).items()}
        values["birth_insee"] = self.birth_insee.strip().upper()
        return Candidate(branch_id=branch_id, **values)


IDENTITY = tuple(field.name for field in fields(CivilStatus))

BIRTH_NUMBERS = (
    ("birth_year", range(1, 10000), "Vérifiez l'année de naissance."),
    ("birth_month", range(1, 13), "Le mois est un nombre de 1 à 12 ; laissez-le vide s'il est inconnu."),
    ("birth_day", range(1, 32), "Le jour est un nombre de 1 à 31 ; laissez-le vide s'il est inconnu."),
)


def tidy(text: str) -> str:
    """Return a name with its spaces folded; letters, apostrophes and hyphens stay as they were typed."""
    return " ".join(text.split())


def get_or_build_candidate(identity: Candidate, email: str) -> Candidate:
    """Return the branch's candidate who is this person, with an account; `identity` itself when it is new, unsaved."""
    clean_identity(identity)
    email = email.strip().lower()
    candidate = find_same_person(identity)
    if candidate and candidate.user and candidate.user.email != email:
        message = (
            f"La branche connaît déjà {_known_as(candidate)}, avec l'adresse {candidate.user.email} : reprenez-la."
        )
        raise ValidationError({"email": message})
    candidate = candidate or identity
    if candidate.user is None:
        _check_address_is_free(candidate, email)
        names = [candidate.used_name, candidate.birth_name]
        candidate.user = get_or_create_account(
            email, first_name=first_given_name(candidate.first_names), last_names=names
        )
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


def find_same_person(identity: Candidate) -> Candidate | None:
    """Return the branch's candidate who has this birth name, these first names and this birth date.

    Case, accents, apostrophes and hyphens do not count, nor first names given by one and not by the other.
    """
    born = Candidate.objects.filter(
        branch=identity.branch_id,
        birth_year=identity.birth_year,
        birth_month=identity.birth_month,
        birth_day=identity.birth_day,
    ).exclude(pk=identity.pk)
    name, first_names = normalise(identity.birth_name), normalise(identity.first_names).split()
    for candidate in born.select_related("user").order_by("pk"):
        theirs = normalise(candidate.first_names).split()
        shorter = min(len(first_names), len(theirs))
        if normalise(candidate.birth_name) == name and shorter and first_names[:shorter] == theirs[:shorter]:
            return candidate
    return None


def first_given_name(first_names: str) -> str:
    """Return the first of the first names: `Léa` of `Léa, Marie`, `Anne-Lise` of `Anne-Lise Marie`."""
    return first_names.replace(",", " ").split()[0]


def _known_as(candidate: Candidate) -> str:
    return f"{candidate.first_names} {candidate.birth_name} (naissance : {candidate.birth_date_text})"


def check_no_twin(candidate: Candidate) -> None:
    if twin := find_same_person(candidate):
        message = f"La branche connaît déjà {_known_as(twin)} : ce serait une seconde fiche de la même personne."
        raise ValidationError({"birth_name": message})


def clean_identity(candidate: Candidate) -> None:
    """Raises ValidationError by field."""
    errors = {}
    candidate.first_names = candidate.first_names.strip(" ,")
    for name in ("birth_name", "first_names"):
        if not normalise(getattr(candidate, name)):
            errors[name] = "Écrivez ce nom avec des lettres."
    for name, possible, message in BIRTH_NUMBERS:
        value = getattr(candidate, name)
        if value is not None and value not in possible:
            errors[name] = message
    if getattr(candidate, "birth_year", None) is None:
        errors["birth_year"] = "Indiquez l'année de naissance."
    if errors:
        raise ValidationError(errors)
    candidate.full_clean(validate_unique=False, validate_constraints=False)


def get_or_create_organisation(name: str, *, kind: str, branch_id: int) -> Organisation | None:
    """Return the branch's organisation of this name, created when it is new; None for an empty name.

    Case, accents and punctuation do not count: `METRO Bron` and `Métro-Bron` are one.
    """
    name = " ".join(name.split())
    if not name:
        return None
    for known in Organisation.objects.filter(branch=branch_id, kind=kind):
        if known.name == name or (normalise(name) and normalise(known.name) == normalise(name)):
            return known
    organisation = Organisation(branch_id=branch_id, kind=kind, name=name)
    organisation.full_clean()
    organisation.save()
    return organisation


def list_known_organisations(session: Session) -> dict[str, list[str]]:
    """Return the names that the branch knows, by kind, to be offered while one types."""
    known: dict[str, list[str]] = {kind: [] for kind in Organisation.Kind.values}
    for kind, name in Organisation.objects.filter(branch=session.branch_id).values_list("kind", "name"):
        known[kind].append(name)
    return known
