"""Mail: kept with codes and links masked, sent by the worker."""

import datetime as dt
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import MIMEPart
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone

from cqp.core import queues, typography
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

# A connection to the mail server lives EMAIL_TIMEOUT for each of its steps: after this time nobody is sending any more.
LONGEST_SENDING = dt.timedelta(minutes=10)
IN_DOUBT = (
    "L'envoi a été interrompu : ce courriel est peut-être parti. Demandez à son destinataire s'il l'a reçu avant de "
    "l'envoyer de nouveau."
)

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
    subject = " ".join(subject.removeprefix("Objet :").split())
    return typography.join_french(subject), typography.join_french(body.strip()) + "\n"


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


def raise_if_in_transaction() -> None:
    """Raise RuntimeError inside a transaction: a mail server that hangs would hold its locks."""
    with transaction.atomic(durable=True):
        pass


def _send(mail: Mail, message: EmailMessage) -> None:
    """Hand a message to the mail server, with the mail's identifier; answers go to the branch."""
    raise_if_in_transaction()
    message.extra_headers["Message-ID"] = mail.message_id
    if mail.branch is not None and mail.branch.email:
        message.reply_to = [mail.branch.email]
    message.send()


def _start(mail: Mail) -> None:
    """Note that a mail is leaving, in a transaction of its own: whoever is killed meanwhile leaves this behind."""
    mail.state, mail.sending_since = Mail.State.SENDING, timezone.now()
    mail.message_id = make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")
    mail.save()


def _finish(mail: Mail, error: str = "") -> None:
    mail.state, mail.error = (Mail.State.FAILED, error) if error else (Mail.State.SENT, "")
    mail.sent_at = None if error else timezone.now()
    mail.save(update_fields=["state", "sent_at", "error"])


@task(queue_name=queues.MAILS)
def deliver(pk: int, attempt: int = 1) -> None:
    """Send a kept mail, again later when it cannot be made or sent. Idempotent: one that was sent, or leaves, is left alone.

    Whatever goes wrong is shown with the mail (« Courriels » of the session): a task that fails says it to nobody.
    """
    with transaction.atomic():
        waiting = Mail.objects.select_for_update(of=("self",)).filter(state__in=(Mail.State.QUEUED, Mail.State.FAILED))
        mail = waiting.select_related("branch").filter(pk=pk).first()
        if mail is None:
            return
        _start(mail)
    try:
        _send(mail, _message(mail))
    except Exception as error:
        if not isinstance(error, OSError):
            logger.exception("Mail %s cannot be made.", pk)
        with transaction.atomic():
            _finish(mail, redact(str(error)) or type(error).__name__)
            if attempt <= len(DELAYS):
                deliver.using(run_after=timezone.now() + DELAYS[attempt - 1]).enqueue(pk, attempt + 1)
    else:
        _finish(mail)


def show_interrupted_mails() -> int:
    """Say of the mails whose sender was killed that nobody knows whether they left; return how many.

    They are not sent again by themselves: a person decides, or asks the mail server's journal for the identifier.
    """
    before = timezone.now() - LONGEST_SENDING
    return Mail.objects.filter(state=Mail.State.SENDING, sending_since__lt=before).update(
        state=Mail.State.FAILED, error=IN_DOUBT
    )


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
    """Send a mail with a secret in it now, and keep it masked. Never inside a transaction.

    Raises OSError when it cannot be sent, after keeping it.
    """
    mail = Mail(
        branch_id=branch_id,
        about=about,
        to=message.to[0],
        subject=redact(str(message.subject), secrets),
        body=redact(str(message.body), secrets),
    )
    _start(mail)
    try:
        _send(mail, message)
    except Exception as error:
        _finish(mail, redact(str(error), secrets) or type(error).__name__)
        raise
    _finish(mail)
    return mail
