"""The fields of a birthplace, the same in each form that asks for one: communes and countries are offered, codes follow."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.people.birthplaces import read_birthplace
from candidates.people.countries import FRANCE, is_listed_country

# What a page with one of these forms holds: components/birthplace_lists.html.
COUNTRIES_LIST, COMMUNES_LIST = "pays", "communes"
PLACE_HELP = "En France, choisissez la commune dans la liste : son code suit."


def offer_birthplaces(form: forms.BaseForm) -> None:
    """Give the fields `birth_place` and `birth_country` of a form their lists."""
    form.fields["birth_country"].widget.attrs |= {"list": COUNTRIES_LIST, "autocomplete": "off"}
    form.fields["birth_place"].widget.attrs |= {
        "list": COMMUNES_LIST,
        "autocomplete": "off",
        "data-communes": reverse("candidate:communes"),
        "data-country": form.add_prefix("birth_country"),
    }
    form.fields["birth_place"].help_text = PLACE_HELP


def complete_birthplace(form: forms.Form, data: dict[str, Any], *, known: str = "") -> dict[str, Any]:
    """Return the form's data with the commune's code and the country's name; what is wrong becomes errors of its fields.

    known: a country that was on the page already. One that is in no list stays while nobody changes it.
    """
    country = data.get("birth_country") or FRANCE
    if country == known and not is_listed_country(country):
        return data
    # A place that was changed beside the code that was there: the code is the new place's.
    changed = set(form.changed_data)
    insee = "" if "birth_place" in changed and "birth_insee" not in changed else data.get("birth_insee") or ""
    try:
        birthplace = read_birthplace(data.get("birth_place") or "", insee=insee, country=country)
    except ValidationError as refused:
        for name, messages in refused.message_dict.items():
            form.add_error(name, messages)
        return data
    names = {"birth_place": birthplace.place, "birth_insee": birthplace.insee, "birth_country": birthplace.country}
    return {**data, **names}
