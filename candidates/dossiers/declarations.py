"""The states of a dossier, its stream, its receipt, who reads its files, what is done of it every minute."""

from candidates.dossiers.hooks import readable_files
from candidates.dossiers.operations import DossierHandler
from candidates.dossiers.submission import RECEIPT
from candidates.dossiers.tasks import requeue_assemblies
from candidates.dossiers.upload_joining import requeue_joins
from candidates.dossiers.uploads import drop_idle_uploads
from candidates.dossiers.views.files import assemblies, branch_files, own_files
from candidates.dossiers.workflow import DOSSIER
from cqp.core.hooks import Job, periodic
from cqp.evidence.hooks import declare_evident, declare_plain
from cqp.models.documents import kinds
from cqp.operations.hooks import handlers
from cqp.sandbox.hooks import MB, Limits, declare
from cqp.workflow import declare_workflows

declare_workflows(DOSSIER)
handlers.register(DossierHandler, key=DossierHandler.kind)
kinds.register(RECEIPT, key=RECEIPT.name)
for files in (own_files, branch_files, assemblies):
    readable_files.register(files, order=10)

# Sixty files of 50 MB at most, whose streams are copied as they are; the usual dossier takes a second.
LIMITS = Limits(cpu=300, wall=900, memory=2048 * MB, written=3072 * MB)
for step in ("join", "finish"):
    declare(
        f"candidates.dossiers.joining.{step}",
        LIMITS,
        lane="worker",
        remedy="Demandez au candidat ses fichiers sous une autre forme.",
    )

periodic.register(
    Job(requeue_assemblies, "{count} dossier(s) à assembler remis en file.", atomic=True), key="assemblies", order=20
)
periodic.register(Job(requeue_joins, "{count} envoi(s) complet(s) remis en file."), key="uploads", order=50)
periodic.register(Job(drop_idle_uploads, "{count} envoi(s) sans suite effacé(s)."), key="idle uploads", order=60)

declare_evident("candidates.Dossier", "enrolment_bloc version state submitted_at due_at assembly contents receipt")
declare_evident("candidates.DossierFile", "dossier trame_item stored_file position")
declare_evident("candidates.CompletenessCheck", "dossier outcome reason due_at by at")
declare_evident("candidates.HeadingComment", "check_made trame_item text")
declare_evident("candidates.WithdrawnPage", "dossier number reason by at")
declare_plain("What was handed in stands in the dossier's contents and its assembly.", "candidates.Answer")
declare_plain("On its way: what arrived is a file.", "candidates.Upload", "candidates.UploadChunk")
