"""Mail: kept with codes and links masked, sent by the worker."""

import re
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone

from cqp.models import Mail

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


@task
def deliver(pk: int) -> None:
    """Send a kept mail. Idempotent: one that was sent is left alone."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=pk)
        if mail.state == Mail.State.SENT:
            return
        subject, body = _render(mail.template, mail.context)
        try:
            send_mail(subject, body, None, [mail.to])
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
