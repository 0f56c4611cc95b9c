from django.apps import AppConfig


class CandidatesConfig(AppConfig):
    name = "candidates"
    verbose_name = "Sessions et candidats"

    def ready(self) -> None:
        from candidates import dossier_workflow, mails, operations, personal_fields, workflow  # noqa: F401  registers what they declare
        from candidates.documents import RECEIPT
        from candidates.roles import ROLES
        from cqp import documents, roles

        roles.register(*ROLES)
        documents.register(RECEIPT)
