"""The administrator's forms: they read what was typed and call a service, which knows the rules."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def save_or_show[T](form: forms.Form, save: Callable[[], T]) -> T | None:
    """Return what `save` returns; None when a service refuses, what it says then standing beside the form's fields."""
    try:
        return save()
    except ValidationError as refused:
        by_field = refused.error_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.error_list}
        for name, messages in by_field.items():
            form.add_error(name if name in form.fields else None, messages)
        return None
