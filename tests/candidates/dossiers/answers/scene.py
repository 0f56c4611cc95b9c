"""What a candidate writes, from a device or in the form."""

import datetime as dt
import uuid

from django.urls import reverse
from django.utils import timezone

from cqp.operations.hooks import Incoming
from cqp.operations.protocol import receive
from tests import factories as make
from tests.candidates.dossiers.scene import item


def operation(dossier, position=1, text="Mon équipe.", *, base_seq=0, key=None, **payload):
    payload = {"heading": item(dossier, position).pk, "text": text} | payload
    return Incoming(key or uuid.uuid4(), "answer", payload, base_seq, timezone.now())


def write(lea, dossier, *operations, device="téléphone"):
    return receive("dossier", dossier.pk, operations, by=lea, device=device)


def text_of(dossier, position=1):
    return dossier.answers.get(trame_item=item(dossier, position)).text


def form_url(dossier, position=1):
    return reverse("candidate:answer", args=[dossier.pk, position])


def fill_form(client, dossier, text, base_seq=0, position=1):
    return client.post(form_url(dossier, position), {"text": text, "base_seq": base_seq})


def hand_in(dossier):
    make.submit(dossier)


def close_deposit(dossier):
    session = dossier.enrolment_bloc.enrolment.session
    session.deposit_opens_at, session.deposit_closes_at = (timezone.now() - dt.timedelta(days=n) for n in (9, 1))
    session.save()
