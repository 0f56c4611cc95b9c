"""What the tests of the administrator's screens share."""

import html
import re

from django.urls import reverse

from tests.factories import bloc


def url(name, *args) -> str:
    return reverse(f"branch:{name}", args=args)


def text(response) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


SESSION = {
    "title": "Session de printemps",
    "place": "12 rue de la Paix, Paris",
    "time_zone": "Europe/Paris",
    "deposit_opens_at": "2027-03-01T09:00",
    "deposit_closes_at": "2027-04-01T18:00",
    "interviews_from": "2027-04-12",
    "interviews_to": "2027-04-14",
    "jury_on": "2027-05-03",
}
PERSON = {
    "email": "lea@example.org",
    "birth_name": "d'Ornano-Le Bœuf",
    "first_names": "Léa, Marie",
    "sex": "F",
    "birth_day": "",
    "birth_month": "11",
    "birth_year": "1988",
    "birth_country": "France",
    "employer": "Metro",
    "training_centre": "CFA de Lyon",
    "access_route": "vae",
    "extra_minutes": "10",
    "break_minutes": "0",
}
EVALUATOR = {"role": "evaluator", "email": "marc@example.org", "first_name": "Marc", "last_name": "Le Bœuf"}


def person(referentiel, **changed):
    return PERSON | {"blocs": [bloc(referentiel, 1).pk]} | changed
