"""The notes of a preparation."""

from evaluations.models import CriterionNote
from tests.evaluations.sheets.scribe import post


def texts(assignment):
    return dict(CriterionNote.objects.filter(assignment=assignment).values_list("criterion", "text"))


def send(client, assignment, *batch):
    return post(client, assignment, *batch, stream="preparation")
