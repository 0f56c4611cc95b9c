"""What the files do every minute, and in boxes."""

from cqp.core.hooks import Job, periodic
from cqp.files.page_images import requeue_drawings
from cqp.files.remedies import IF_IT_OPENS, OFFICE_AS_PDF
from cqp.files.tasks import requeue_checks
from cqp.sandbox.hooks import MB, Limits, declare

periodic.register(
    Job(requeue_checks, "{count} fichier(s) en attente de vérification remis en file.", atomic=True),
    key="files",
    order=10,
)

periodic.register(
    Job(requeue_drawings, "{count} fichier(s) dont les pages restaient à dessiner remis en file.", atomic=True),
    key="pages",
    order=11,
)

declare(
    "cqp.files.jobs.identify",
    # Of 50 MB, qpdf reads the tables alone; a table that is wrong makes it read the whole, in some seconds.
    Limits(cpu=20, wall=180, memory=512 * MB, written=MB),
    lane="people",
    remedy=IF_IT_OPENS,
)
declare(
    "cqp.files.jobs.sanitise",
    # Every object is looked at (200,000 at most), and a file of 50 MB is written anew.
    Limits(cpu=60, wall=300, memory=1024 * MB, written=150 * MB),
    lane="worker",
    remedy=IF_IT_OPENS,
)
declare(
    "cqp.files.jobs.count_made_pages",
    Limits(cpu=20, wall=180, memory=512 * MB, written=MB),
    lane="worker",
    remedy=IF_IT_OPENS,
)
declare(
    "cqp.files.jobs.photo_to_pdf",
    # 50 million pixels of 4 bytes, of which there are up to six copies when some are transparent.
    Limits(cpu=60, wall=300, memory=1536 * MB, written=50 * MB),
    lane="worker",
    remedy="Reprenez la photo avec l'appareil de votre téléphone, puis envoyez-la.",
)
declare(
    "cqp.files.jobs.draw_page",
    # A page takes 0.2 s, a scan of 50 million pixels some seconds and 400 MB.
    Limits(cpu=20, wall=180, memory=1024 * MB, written=4 * MB),
    lane="worker",
    remedy=IF_IT_OPENS,
)
declare(
    "cqp.files.jobs.draw_notice",
    # A sentence of ours.
    Limits(cpu=20, wall=180, memory=512 * MB, written=4 * MB),
    lane="worker",
    remedy=IF_IT_OPENS,
)
declare(
    "cqp.files.office_program.convert",
    # LibreOffice reserves far more than it uses, starts programs, and writes its profile beside the document.
    Limits(cpu=60, wall=90, memory=4096 * MB, written=200 * MB, scratch=400 * MB, may_fork=True),
    lane="worker",
    remedy=OFFICE_AS_PDF,
)
