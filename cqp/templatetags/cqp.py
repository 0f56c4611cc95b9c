"""Small words of the templates."""

from django import template

register = template.Library()


@register.filter
def file_size(size: int) -> str:
    """Bytes in French words: `1,4 Mo`."""
    for unit, factor in (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",").replace(",0 ", " ")
    return f"{size} octets"


@register.filter
def get(mapping: dict, key: object) -> object:
    """Return `mapping[key]`, or None."""
    return mapping.get(key)


@register.filter
def clock(seconds: int) -> str:
    """A length of time as a clock shows it: `12:04`."""
    return f"{seconds // 60}:{seconds % 60:02}"
