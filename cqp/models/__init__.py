from cqp.models.checkpoint import Checkpoint
from cqp.models.documents import Counter, Document
from cqp.models.evidence import JournalEntry, JournalStream, Operation
from cqp.models.files import StoredFile
from cqp.models.imports import SentSpreadsheet
from cqp.models.limits import RateLimit
from cqp.models.logins import LoginSession
from cqp.models.mail import Mail
from cqp.models.rows import RowChain, RowEntry, RowMark
from cqp.models.seals import SealCertificate
from cqp.models.user import LocalKey, User

__all__ = [
    "Checkpoint",
    "Counter",
    "Document",
    "JournalEntry",
    "JournalStream",
    "LocalKey",
    "LoginSession",
    "Mail",
    "Operation",
    "RateLimit",
    "RowChain",
    "RowEntry",
    "RowMark",
    "SealCertificate",
    "SentSpreadsheet",
    "StoredFile",
    "User",
]
