"""A mail that cannot be made, or not be sent, is shown and tried again: it never stops in silence."""

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage

from cqp.mail import outbox
from cqp.models import Mail
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x85", "\u2028", "\n\nBcc: x@example.org"])
def test_a_line_end_in_a_subject_stops_no_mail_and_adds_no_header(monkeypatch, run_tasks, end):
    monkeypatch.setattr(
        outbox, "render_to_string", lambda name, context: f"Objet : Session d'avril{end[:1]} fin\n\nCorps"
    )
    outbox.queue_mail("results_published", "lea@example.org", {})
    run_tasks()
    (sent,) = django_mail.outbox
    assert len(sent.subject.splitlines()) == 1
    assert sent.message()["Bcc"] is None
    assert Mail.objects.get().state == Mail.State.SENT


@pytest.mark.parametrize(
    "error", [ValueError("Header values may not contain newlines"), KeyError("x"), OSError("down")]
)
def test_whatever_goes_wrong_is_shown_with_the_mail_and_tried_again(monkeypatch, run_tasks, error):
    def refuse(self):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        outbox.queue_mail("results_published", make.make_user().email, {})
        run_tasks()
    mail = Mail.objects.get()
    assert mail.state == Mail.State.FAILED
    assert str(error) in mail.error
    outbox.send_again(mail)
    run_tasks()
    mail.refresh_from_db()
    assert mail.state == Mail.State.SENT
