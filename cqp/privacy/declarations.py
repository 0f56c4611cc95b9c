"""What the site keeps of a person once they are erased, and what goes. See `cqp.privacy.fields`."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from cqp.privacy.fields import MARK, declare, declare_deleted, declare_retained

# The row stays: others point at it. `candidates.privacy.erasure` leaves an account that has another role as it is.
declare(
    "cqp.User",
    retained="is_superuser is_staff date_joined",
    email=Concat(Value("efface-"), Cast("pk", CharField()), Value("@effacement.invalid")),
    first_name="Personne",
    last_name=Concat(Value("effacée n° "), Cast("pk", CharField())),
    password="!",
    last_login=None,
    is_active=False,
)
declare(
    "cqp.Document",
    retained="kind year number code issued_at sha256 seal holder superseded_at voided_at erased_at",
    title=MARK,
    context={},
    bytes=None,
)
declare(
    "cqp.Operation",
    retained="key stream kind base_seq at received_at status seq",
    payload={},
    replaced=None,
    refusal=MARK,
    device="",
)
declare("cqp.JournalEntry", retained="seq verb mac prev hash at", payload=None, salt=None)
declare("admin.LogEntry", retained="action_time object_id action_flag", object_repr=MARK, change_message="")
declare_deleted(
    "cqp.StoredFile",
    "cqp.Mail",
    "cqp.LocalKey",
    "cqp.LoginSession",
    "account.EmailAddress",
    "account.EmailConfirmation",
    "mfa.Authenticator",
    "sessions.Session",
    "django_tasks_database.DBTaskResult",
)
declare_retained(
    "Numbers and hashes.",
    "cqp.SealCertificate",
    "cqp.Counter",
    "cqp.JournalStream",
    "cqp.Checkpoint",
    "cqp.RateLimit",
)
declare_retained(
    "Tells of no candidate.",
    "auth.Permission",
    "auth.Group",
    "auth.Group_permissions",
    "cqp.User_groups",
    "cqp.User_user_permissions",
    "contenttypes.ContentType",
)
declare_retained("Numbers and digests that are keyed.", "cqp.RowChain", "cqp.RowEntry", "cqp.RowMark")
