"""A mail leaves outside every transaction, with an identifier that was written before; a doubt is told from a loss."""

import datetime as dt

import pytest
from django.core import mail as mailbox
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from cqp.mail import outbox
from cqp.models import Mail

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def make_mail(branch=None, **fields) -> Mail:
    values = {"to": "lea@example.org", "subject": "Bonjour", "body": "…", "template": "results_published"}
    return Mail.objects.create(branch=branch, **(values | fields))


@pytest.fixture
def message(monkeypatch):
    """The mail of every template is this one."""
    monkeypatch.setattr(outbox, "_render", lambda template, context: ("Bonjour", "Texte\n"))


@pytest.mark.usefixtures("message")
def test_the_identifier_is_kept_before_the_mail_leaves_and_answers_go_to_the_branch(branch, monkeypatch):
    branch.email = "contact@branche.example"
    branch.save()
    mail = make_mail(branch)
    before = []
    send = EmailMessage.send

    def sent(message, *args, **kwargs):
        kept = Mail.objects.get(pk=mail.pk)
        before.append((kept.state, kept.message_id))
        return send(message, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", sent)
    outbox.deliver.func(mail.pk)
    (left,) = mailbox.outbox
    assert before == [("sending", left.extra_headers["Message-ID"])]
    assert left.reply_to == ["contact@branche.example"]
    mail.refresh_from_db()
    assert (mail.state, mail.error) == ("sent", "")
    outbox.deliver.func(mail.pk)
    assert len(mailbox.outbox) == 1


@pytest.mark.usefixtures("message")
def test_nothing_is_sent_inside_a_transaction():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        outbox.send_and_archive(EmailMessage("Bonjour", "Texte", None, ["lea@example.org"]), ())
    assert mailbox.outbox == []


@pytest.mark.usefixtures("message")
def test_a_mail_that_is_leaving_is_sent_by_nobody_else():
    mail = make_mail(state="sending", sending_since=timezone.now())
    outbox.deliver.func(mail.pk)
    assert mailbox.outbox == []


def test_a_mail_whose_sender_was_killed_is_shown_as_a_doubt_and_never_sent_by_itself():
    now = timezone.now()
    lost = make_mail(state="sending", sending_since=now - dt.timedelta(minutes=11))
    leaving = make_mail(state="sending", sending_since=now)
    assert outbox.show_interrupted_mails() == 1
    lost.refresh_from_db()
    leaving.refresh_from_db()
    assert (lost.state, leaving.state) == ("failed", "sending")
    assert "peut-être parti" in lost.error
    assert mailbox.outbox == []


def test_every_step_of_a_connection_to_the_mail_server_has_an_end(settings):
    assert settings.EMAIL_TIMEOUT == 10
