"""What the forms of every app share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def number_field(label: str, low: int, high: int, **more: Any) -> forms.IntegerField:
    """A number without the limits of the browser, whose words are not ours: the service says what is wrong."""
    attrs = {"inputmode": "numeric", "min": low, "max": high}
    return forms.IntegerField(label=label, widget=forms.NumberInput(attrs=attrs), **more)


def minutes_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=120, initial=0)


def save_or_show[T](form: forms.BaseForm, save: Callable[[], T]) -> T | None:
    """Return what `save` returns; None when a service refuses, what it says then standing beside the form's fields."""
    try:
        return save()
    except ValidationError as refused:
        by_field = refused.error_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.error_list}
        for name, messages in by_field.items():
            form.add_error(name if name in form.fields else None, messages)
        return None
