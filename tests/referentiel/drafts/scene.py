"""A draft read again, and the form of its page."""

import re
from html import unescape

from referentiel.models import Referentiel


def again(referentiel) -> Referentiel:
    return Referentiel.objects.with_content().get(pk=referentiel.pk)


def form_of(client, url: str) -> dict[str, str]:
    """Return what the browser would send of the page's last form, as it is."""
    html = client.get(url).content.decode()
    found = {}
    for tag in re.finditer(
        r"<input([^>]*)>|<textarea([^>]*)>(.*?)</textarea>|<select([^>]*)>(.*?)</select>", html, re.S
    ):
        attributes = tag[1] or tag[2] or tag[4]
        name = re.search(r'name="([^"]+)"', attributes)
        if name is None or ('type="checkbox"' in attributes and "checked" not in attributes):
            continue
        if tag[2] is not None:
            value = unescape(tag[3]).removeprefix("\n")
        elif tag[4] is not None:
            chosen = re.search(r'<option value="([^"]*)"[^>]*selected', tag[5])
            value = chosen[1] if chosen else ""
        else:
            value = unescape(
                (re.search(r'value="([^"]*)"', attributes) or ["", "on" if "checkbox" in attributes else ""])[1]
            )
        found[name[1]] = value
    found.pop("csrfmiddlewaretoken", None)
    return found
