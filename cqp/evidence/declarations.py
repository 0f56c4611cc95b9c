"""The site's own evidence: what the database refuses of it, how it is checked, noted each day."""

from cqp.core.hooks import Job, periodic
from cqp.documents.hooks import document_checks
from cqp.evidence.checkpoints import list_journal_heads, make_daily_checkpoint
from cqp.evidence.documents import find_content_fault, find_row_fault
from cqp.evidence.hooks import Freeze, chain_heads, checks, declare_evident, declare_freezes, declare_plain
from cqp.evidence.row_verification import check_rows, list_row_heads
from cqp.evidence.verification import check_checkpoints, check_documents, check_journal, check_triggers

declare_freezes(
    Freeze("cqp.RowEntry", ("UPDATE", "DELETE"), "La chaîne des lignes ne se change pas et ne s'efface pas."),
    Freeze("cqp.Checkpoint", ("UPDATE", "DELETE"), "Un point de contrôle ne se change pas et ne s'efface pas."),
)
for order, check in enumerate((check_triggers, check_checkpoints, check_journal, check_rows, check_documents), 10):
    checks.register(check, order=order)
chain_heads.register(list_journal_heads, order=10)
chain_heads.register(list_row_heads, order=20)
document_checks.register(find_row_fault, order=10)
document_checks.register(find_content_fault, order=20)
periodic.register(Job(make_daily_checkpoint), key="checkpoint", order=90)

declare_evident("cqp.StoredFile", "key file name type size sha256 quarantine uploaded_by uploaded_at")
declare_evident(
    "cqp.Document",
    "branch kind year number title context code issued_at sha256 seal supersedes voided_at erased_at",
)
declare_evident("cqp.SealCertificate", "branch fingerprint pem is_self_signed made_at retired_at")
declare_evident("cqp.Counter", "branch kind year last")
declare_plain("A chain of its own: its entries hold each other.", "cqp.JournalStream", "cqp.JournalEntry")
declare_plain("It notes the chains, and is chained and signed.", "cqp.Checkpoint")
declare_plain("The chains of the rows themselves.", "cqp.RowChain", "cqp.RowEntry", "cqp.RowMark")
declare_plain("What it did is a revision or an answer; it counts once.", "cqp.Operation")
declare_plain("Mails tell what was done elsewhere.", "cqp.Mail")
declare_plain("Who is logged in, and how often something was tried.", "cqp.LoginSession", "cqp.RateLimit")
declare_plain(
    "Accounts and ways in prove nothing of a decision: acts name the account by its key.",
    *("cqp.User", "cqp.User_groups", "cqp.User_user_permissions", "cqp.LocalKey", "account.EmailAddress"),
    *("account.EmailConfirmation", "mfa.Authenticator", "sessions.Session", "auth.Permission", "auth.Group"),
    "auth.Group_permissions",
)
declare_plain(
    "Django's and its tasks' own.", "admin.LogEntry", "contenttypes.ContentType", "django_tasks_database.DBTaskResult"
)
