"""The pages of a PDF as images: what is read on screen, never the file itself. Derived, they can be made again."""

import logging
import tempfile
from functools import partial
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.tasks import task

from cqp.core import queues
from cqp.core.task_retries import list_given_up, list_unsuccessful_runs, to_requeue
from cqp.files import storage
from cqp.models import StoredFile
from cqp.sandbox import box

AT_ONCE = 8  # pages, by one task
NOT_DRAWN = "Cette page n'a pas pu être affichée ici. La branche a le fichier d'origine."
TOO_COMPLEX = "Page {number} : {message}"

log = logging.getLogger(__name__)


@task(queue_name=queues.FILES)
def render_pages(pk: int, first: int = 1, done: int = 0, priority: int = 0, received: bool = True) -> None:
    """Make the WebP images of AT_ONCE pages of a stored PDF, from `first` on: 150 dpi, at most 1600 pixels on the long side.

    The rest is another task's, of the same priority: what is more urgent comes between. `rendered_pages` counts those
    that are made, as it goes. Idempotent: complete, it does nothing; interrupted, it starts over from `first`. A page that
    cannot be drawn is replaced by one that says so. Where it exceeds the limits of its box, the file itself is refused when
    somebody sent it (`received`): it is to be sent in another form. A file removed meanwhile leaves nothing behind.
    """
    stored = StoredFile.objects.filter(pk=pk).first()
    if stored is None or stored.rendered_pages == stored.pages:
        return
    last = stored.pages or 0
    after = min(first + AT_ONCE, last + 1)
    with stored.open_reading() as content:
        for number in range(first, after):
            _draw(stored, content.file, number, received=received)
            if not StoredFile.objects.filter(pk=pk).update(rendered_pages=number):
                storage.delete_file(stored)
                return
    if after <= last:
        render_pages.using(priority=priority).enqueue(pk, after, after - 1, priority, received)


def _draw(stored: StoredFile, content: IO[bytes], number: int, *, received: bool) -> None:
    with tempfile.TemporaryFile() as image:
        try:
            box.run("cqp.files.jobs.draw_page", [content], image, number=number)
        except box.BoxRefused as refused:
            log.warning("Page %s of file %s cannot be drawn: %s", number, stored.key, refused.message)
            if refused.cause and received:
                _refuse(stored, TOO_COMPLEX.format(number=number, message=refused.message))
            _draw_notice(image)
        _keep(stored, number, image)


def _draw_notice(image: IO[bytes]) -> None:
    image.seek(0)
    image.truncate()
    box.run("cqp.files.jobs.draw_notice", [], image, text=NOT_DRAWN)


def _refuse(stored: StoredFile, message: str) -> None:
    StoredFile.objects.filter(pk=stored.pk, state=StoredFile.State.READY).update(
        state=StoredFile.State.REFUSED, refusal=message
    )


def _keep(stored: StoredFile, number: int, image: IO[bytes]) -> None:
    image.seek(0)
    path = stored.page_path(number)
    default_storage.delete(path)
    default_storage.save(path, File(image))


def requeue_drawings() -> int:
    """Ask again for the pages of the files that lack some, and return how many files. Must run in a transaction.

    Where the worker failed too often, the pages that are left say so.
    """
    lacking = StoredFile.objects.filter(state=StoredFile.State.READY, rendered_pages__lt=F("pages"))
    pks = list(lacking.values_list("pk", flat=True))
    left = to_requeue(render_pages, pks)
    failed = {run.args[0]: run.args for run in list_unsuccessful_runs(render_pages)}
    for stored in lacking.filter(pk__in=left):
        first, more = stored.rendered_pages + 1, failed.get(stored.pk, [])[3:]
        render_pages.enqueue(stored.pk, first, first - 1, *more)
    for stored in lacking.filter(pk__in=list_given_up(render_pages, pks)):
        log.error("Pages of file %s could not be drawn: see the errors of its tasks.", stored.key)
        transaction.on_commit(partial(_give_up, stored))
    return len(left)


def _give_up(stored: StoredFile) -> None:
    with tempfile.TemporaryFile() as image:
        _draw_notice(image)
        for number in range(stored.rendered_pages + 1, (stored.pages or 0) + 1):
            _keep(stored, number, image)
    StoredFile.objects.filter(pk=stored.pk).update(rendered_pages=stored.pages)
