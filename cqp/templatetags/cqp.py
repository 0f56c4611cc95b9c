"""Small words of the templates."""

from django import template

from cqp.core.text import file_size

register = template.Library()
register.filter(file_size)


@register.filter
def get(mapping: dict, key: object) -> object:
    """Return `mapping[key]`, or None."""
    return mapping.get(key)


@register.filter
def clock(seconds: int) -> str:
    """A length of time as a clock shows it: `12:04`."""
    return f"{seconds // 60}:{seconds % 60:02}"
