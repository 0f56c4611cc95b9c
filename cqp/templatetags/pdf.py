"""French typography and the marks of the scale, for documents on paper."""

import re

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from cqp.models import Document

register = template.Library()

NARROW = "\u202f"
TAG = re.compile(r"(<[^<>]*>)")
BEFORE = re.compile(r"(?<![ \u00a0])[ \u00a0]++(?=[;:!?»%])")
AFTER = re.compile(r"(?<=«)[ \u00a0]+")


@register.simple_tag
def qr(address: str, title: str) -> SafeString:
    """Return a QR code as a drawing, which says its `title` to who does not see it."""
    import segno

    drawn = segno.make(address, micro=False, error="m").svg_inline(border=0, omitsize=True, title=title)
    return mark_safe(drawn)


@register.simple_tag
def verification_address(document: Document) -> str:
    """Return where the genuineness of a document is told: its code is in the address."""
    return f"{settings.SITE_URL}{reverse('verification_document', args=[document.code])}"


@register.filter
def grouped(code: str) -> str:
    """Return a code as it is read aloud: `ABCD-EFGH-JKLM`."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


@register.filter
def fr_typo(text: str) -> str:
    """Put narrow no-break spaces where French wants them: before ; : ! ? » %, after «. Tags are left alone.

    It replaces ordinary spaces only, so that `12:30` stays. For our own texts: a certifier's stay word for word.
    """
    parts = TAG.split(str(text))
    fixed = "".join(part if part.startswith("<") else AFTER.sub(NARROW, BEFORE.sub(NARROW, part)) for part in parts)
    return mark_safe(fixed) if isinstance(text, SafeString) else fixed
