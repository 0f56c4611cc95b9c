"""What a browser without JavaScript would do, and files for a dossier."""

import re

from django.core.files.base import ContentFile
from django.urls import reverse

from candidates.models import DossierFile
from cqp.models import StoredFile


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


def add_file(interview, *, pages=2, rendered=2, position=1):
    dossier = interview.enrolment_bloc.dossiers.get()
    stored = StoredFile(
        name="Mon dossier.pdf",
        type="application/pdf",
        size=800,
        sha256="0" * 64,
        pages=pages,
        rendered_pages=rendered,
        uploaded_by=interview.enrolment_bloc.enrolment.candidate.user,
    )
    stored.file.save("x", ContentFile(b"x" * 800))
    item = interview.enrolment_bloc.bloc.trame_items.get(position=position)
    DossierFile.objects.create(dossier=dossier, trame_item=item, stored_file=stored, position=1)
    return stored
