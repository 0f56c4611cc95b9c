"""What a browser without JavaScript would do, and a dossier to read."""

import re

from django.urls import reverse

from tests import factories as make


def url(name, *args):
    return reverse(f"evaluator:{name}", args=args)


def fields(page):
    """The values that a browser would send back from the page's form of operations."""
    html = page.text
    values = {
        name: re.search(f'name="{name}" value="([^"]*)"', html)[1].replace("&quot;", '"')
        for name in ("token", "base_seq", "shown")
    }
    for name, value in re.findall(r'name="((?:level|position|verdict)-\d+)"[^>]* value="([^"]*)"[^>]* checked', html):
        values[name] = value
    for name, text in re.findall(r'<textarea[^>]* name="([a-z]+-\d+)"[^>]*>\n?([^<]*)</textarea>', html):
        values[name] = text
    return values


def criteria(sheet):
    """The sheet's criteria in the référentiel's order."""
    order = [f"criterion__{path}position" for path in ("competence__activity__", "competence__", "")]
    return list(sheet.scores.order_by(*order).values_list("criterion", flat=True))


def value(sheet, criterion):
    score = sheet.scores.select_related("level").get(criterion=criterion)
    return score.level.value if score.level else None


def add_dossier(interview, *, pages=2, rendered=None):
    """The assembled dossier of the interview's candidate: see `make.assembled`."""
    return make.assembled(interview.enrolment_bloc.dossiers.get(), pages=pages, rendered=rendered)
