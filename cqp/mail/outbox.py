"""Mail: kept with codes and links masked, sent by the worker."""

import datetime as dt
import logging
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

from cqp.core import queues
from cqp.mail.hooks import editable
from cqp.mail.wording import texts_of
from cqp.models import Mail

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail. `type` is a MIME type, with its parameters."""

    name: str
    content: bytes
    type: str


# What goes with the mails of a template: made from their context when they leave, and kept nowhere.
ATTACHED: dict[str, Callable[[dict[str, Any]], list[Attachment]]] = {}

# A mail that could not be sent is tried again after each of these.
DELAYS = (dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))

LINK = re.compile(r"https?://\S+")


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return `text` without its links and without the given secrets (codes, keys)."""
    text = LINK.sub("[lien masqué]", text)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "[code masqué]")
    return text


def _render(template: str, context: dict[str, Any]) -> tuple[str, str]:
    text = render_to_string(f"emails/{template}.txt", {**context, "site_url": settings.SITE_URL})
    subject, _, body = text.strip().partition("\n")
    # A header of one line, whatever a title holds.
    return " ".join(subject.removeprefix("Objet :").split()), body.strip() + "\n"


def queue_mail(
    template: str, to: str, context: dict[str, Any], *, branch_id: int | None = None, about: str = ""
) -> Mail:
    """Keep a mail and have the worker send it once the transaction is committed.

    `branch_id`: whose words it is written in, and who may read it; `about`: a stream of the journal ("session:4").

    `templates/emails/<template>.txt` has the subject on its first line ("Objet : …"). `context` is JSON and holds no secret:
    what carries a code is sent at once by `send_and_archive`.
    """
    with transaction.atomic():
        context = with_texts(template, context, branch_id)
        subject, body = _render(template, context)
        mail = Mail.objects.create(
            branch_id=branch_id,
            about=about,
            to=to,
            subject=subject[:200],
            body=redact(body),
            template=template,
            context=context,
        )
        deliver.enqueue(mail.pk)
    return mail


def with_texts(template: str, context: dict[str, Any], branch_id: int | None) -> dict[str, Any]:
    """Return the context with the branch's own words, as they are now."""
    texts = texts_of(branch_id, template)
    return {**context, "texts": texts} if texts else context


def _part(file: Attachment) -> MIMEPart:
    kind, *parameters = [part.strip() for part in file.type.split(";")]
    main, _, sub = kind.partition("/")
    part = MIMEPart()
    part.set_content(file.content, main, sub, disposition="attachment", filename=file.name)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        part.set_param(name, value)
    return part


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage(*_render(mail.template, mail.context), None, [mail.to])
    for file in ATTACHED.get(mail.template, lambda context: [])(mail.context):
        message.attach(_part(file))
    return message


@task(queue_name=queues.MAILS)
def deliver(pk: int, attempt: int = 1) -> None:
    """Send a kept mail, again later when it cannot be made or sent. Idempotent: one that was sent is left alone.

    Whatever goes wrong is shown with the mail (« Courriels » of the session): a task that fails says it to nobody.
    """
    with transaction.atomic():
        mail = Mail.objects.select_for_update(of=("self",)).filter(pk=pk).exclude(state=Mail.State.SENT).first()
        if mail is None:
            return
        try:
            _message(mail).send()
        except Exception as error:
            if not isinstance(error, OSError):
                logger.exception("Mail %s cannot be made.", pk)
            mail.state, mail.error = Mail.State.FAILED, redact(str(error)) or type(error).__name__
            if attempt <= len(DELAYS):
                deliver.using(run_after=timezone.now() + DELAYS[attempt - 1]).enqueue(pk, attempt + 1)
        else:
            mail.state, mail.sent_at, mail.error = Mail.State.SENT, timezone.now(), ""
        mail.save(update_fields=["state", "sent_at", "error"])


def send_again(mail: Mail) -> None:
    """Have the worker try once more a mail that failed. What carried a secret was not kept: it cannot leave again."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
        if mail.state == Mail.State.FAILED and mail.template:
            mail.state = Mail.State.QUEUED
            mail.save(update_fields=["state"])
            deliver.enqueue(mail.pk)


def send_now(
    template: str,
    to: str,
    context: dict[str, Any],
    secrets: tuple[str, ...],
    *,
    branch_id: int | None = None,
    about: str = "",
) -> Mail:
    """Send `templates/emails/<template>.txt` with secrets in it now, and keep it masked. Raises as `send_and_archive`."""
    subject, body = _render(template, with_texts(template, context, branch_id))
    return send_and_archive(EmailMessage(subject, body, None, [to]), secrets, branch_id=branch_id, about=about)


def preview(template: str, texts: dict[str, str]) -> tuple[str, str]:
    """Return the subject and the body of a mail that a branch words so, with an example's people and dates."""
    return _render(template, {**editable.for_key(template).sample, "texts": texts})


def send_and_archive(
    message: EmailMessage, secrets: tuple[str, ...], *, branch_id: int | None = None, about: str = ""
) -> Mail:
    """Send a mail with a secret in it now, and keep it masked. Raises OSError when it cannot be sent, after keeping it."""
    mail = Mail(
        branch_id=branch_id,
        about=about,
        to=message.to[0],
        subject=redact(str(message.subject), secrets),
        body=redact(str(message.body), secrets),
    )
    try:
        message.send()
        mail.state, mail.sent_at = Mail.State.SENT, timezone.now()
    except Exception as error:
        mail.state, mail.error = Mail.State.FAILED, redact(str(error), secrets)
        raise
    finally:
        mail.save()
    return mail
