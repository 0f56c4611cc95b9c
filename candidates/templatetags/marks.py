"""The marks of an answer, in templates."""

from django import template

from candidates import marks

register = template.Library()
register.filter("marks_html", marks.to_html)


@register.simple_tag
def answer_limit() -> int:
    return marks.LIMIT
