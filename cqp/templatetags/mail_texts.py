"""The parts of a mail that a branch may word itself: `{% zone "opening" "Ouverture" %}what we say{% endzone %}`."""

from typing import Any

from django import template

from cqp.mail_texts import filled

register = template.Library()


class ZoneNode(template.Node):
    """The branch's words when it has some (`texts` of the context), else what stands in the template."""

    def __init__(self, key: str, label: str, nodelist: Any) -> None:
        self.key, self.label, self.nodelist = key, label, nodelist

    def render(self, context: Any) -> str:
        words = (context.get("texts") or {}).get(self.key)
        return filled(words, context) if words else self.nodelist.render(context)


@register.tag
def zone(parser: Any, token: Any) -> ZoneNode:
    _, key, label = token.split_contents()
    nodelist = parser.parse(("endzone",))
    parser.delete_first_token()
    return ZoneNode(key.strip("\"'"), label.strip("\"'"), nodelist)
