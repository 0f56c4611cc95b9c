"""A file as the answer to a request."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def file_response(content: bytes | str, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    """Return `content`, of type `kind`, to be kept under `name`; `inline`: shown by the browser. No cache keeps it."""
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": content_disposition_header(not inline, name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
