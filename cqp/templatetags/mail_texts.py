"""The parts of a mail that a branch may word itself: `{% zone "opening" "Ouverture" %}what we say{% endzone %}`."""

from typing import Any

from django import template

from cqp.mail.wording import ZoneNode

register = template.Library()


@register.tag
def zone(parser: Any, token: Any) -> ZoneNode:
    _, key, label = token.split_contents()
    nodelist = parser.parse(("endzone",))
    parser.delete_first_token()
    return ZoneNode(key.strip("\"'"), label.strip("\"'"), nodelist)
