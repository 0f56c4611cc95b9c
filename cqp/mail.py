"""Mail: kept with codes and links masked, sent by the worker."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import MIMEPart
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone

from cqp.models import Mail


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail. `type` is a MIME type, with its parameters."""

    name: str
    content: bytes
    type: str


# What goes with the mails of a template: made from their context when they leave, and kept nowhere.
ATTACHED: dict[str, Callable[[dict[str, Any]], list[Attachment]]] = {}

LINK = re.compile(r"https?://\S+")


def masked(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return `text` without its links and without the given secrets (codes, keys)."""
    text = LINK.sub("[lien masqué]", text)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "[code masqué]")
    return text


def _render(template: str, context: dict[str, Any]) -> tuple[str, str]:
    text = render_to_string(f"emails/{template}.txt", {**context, "site_url": settings.SITE_URL})
    subject, _, body = text.strip().partition("\n")
    return subject.removeprefix("Objet :").strip(), body.strip() + "\n"


def queue(template: str, to: str, context: dict[str, Any]) -> Mail:
    """Keep a mail and have the worker send it once the transaction is committed.

    `templates/emails/<template>.txt` has the subject on its first line ("Objet : …"). `context` is JSON and holds no secret:
    what carries a code is sent at once by `keep_sent`.
    """
    with transaction.atomic():
        subject, body = _render(template, context)
        mail = Mail.objects.create(to=to, subject=subject, body=masked(body), template=template, context=context)
        deliver.enqueue(mail.pk)
    return mail


def _part(file: Attachment) -> MIMEPart:
    kind, *parameters = [part.strip() for part in file.type.split(";")]
    main, _, sub = kind.partition("/")
    part = MIMEPart()
    part.set_content(file.content, main, sub, disposition="attachment", filename=file.name)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        part.set_param(name, value)
    return part


@task
def deliver(pk: int) -> None:
    """Send a kept mail. Idempotent: one that was sent is left alone."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=pk)
        if mail.state == Mail.State.SENT:
            return
        message = EmailMessage(*_render(mail.template, mail.context), None, [mail.to])
        for file in ATTACHED.get(mail.template, lambda context: [])(mail.context):
            message.attach(_part(file))
        try:
            message.send()
        except OSError as error:
            mail.state, mail.error = Mail.State.FAILED, masked(str(error))
        else:
            mail.state, mail.sent_at, mail.error = Mail.State.SENT, timezone.now(), ""
        mail.save(update_fields=["state", "sent_at", "error"])


def send_now(template: str, to: str, context: dict[str, Any], secrets: tuple[str, ...]) -> Mail:
    """Send `templates/emails/<template>.txt` with secrets in it now, and keep it masked. Raises as `keep_sent` does."""
    subject, body = _render(template, context)
    return keep_sent(EmailMessage(subject, body, None, [to]), secrets)


def keep_sent(message: EmailMessage, secrets: tuple[str, ...]) -> Mail:
    """Send a mail with a secret in it now, and keep it masked. Raises OSError when it cannot be sent, after keeping it."""
    mail = Mail(
        to=message.to[0],
        subject=masked(str(message.subject), secrets),
        body=masked(str(message.body), secrets),
    )
    try:
        message.send()
        mail.state, mail.sent_at = Mail.State.SENT, timezone.now()
    except OSError as error:
        mail.state, mail.error = Mail.State.FAILED, masked(str(error), secrets)
        raise
    finally:
        mail.save()
    return mail
