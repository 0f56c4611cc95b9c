"""The marks of an answer, in templates."""

from django import template

from candidates.dossiers import markup

register = template.Library()
register.filter("marks_html", markup.to_html)


@register.simple_tag
def answer_limit() -> int:
    return markup.LIMIT
