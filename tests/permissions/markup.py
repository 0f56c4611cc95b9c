"""What people typed in the small world is made to look like markup."""

from django.db.models import Value
from django.db.models.functions import Concat

from candidates.models import (
    AccommodationWish,
    Candidate,
    Enrolment,
    Import,
    Incident,
    Organisation,
    Room,
    Session,
)
from cqp.models import Mail, StoredFile, User
from evaluations.models import Appeal, PersonalQuestion
from referentiel.models import CriteriaSpreadsheet

# What people type, and pages show.
TYPED = {
    User: ("first_name", "last_name"),
    Candidate: ("birth_name", "used_name", "first_names", "birth_place"),
    Organisation: ("name",),
    Session: ("title", "place"),
    Enrolment: ("referent_trainer_name", "other_measures"),
    AccommodationWish: ("details",),
    StoredFile: ("name",),
    Room: ("name", "access"),
    Incident: ("text",),
    PersonalQuestion: ("text",),
    Appeal: ("grounds",),
    Import: ("name",),
    CriteriaSpreadsheet: ("name", "title"),
    Mail: ("subject", "body"),
}
MARKUP = "<i data-typed>"


def type_markup() -> None:
    """Put MARKUP in front of all that people typed."""
    for model, names in TYPED.items():
        model._default_manager.update(**{name: Concat(Value(MARKUP), name) for name in names})
