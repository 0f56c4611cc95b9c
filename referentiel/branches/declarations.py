"""A branch is whom one writes to, and words its mails. The référentiel and its branch tell of no candidate."""

from django.apps import apps

from cqp.accounts.hooks import contacts
from cqp.evidence.hooks import declare_evident, declare_plain
from cqp.mail.hooks import texts
from cqp.privacy.fields import declare_retained
from referentiel.branches.queries import branch_texts
from referentiel.models import Branch

contacts.register(Branch.objects.all, key="branches")
texts.register(branch_texts)

declare_retained(
    "Tells of no candidate.", *(model._meta.label for model in apps.get_app_config("referentiel").get_models())
)

declare_evident("referentiel.Branch", "code name")
declare_evident("referentiel.BranchAdministrator", "branch user")
declare_plain(
    "What a document takes from it stands in the document.", "referentiel.BranchSettings", "referentiel.BranchText"
)
