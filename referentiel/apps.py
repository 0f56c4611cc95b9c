from django.apps import AppConfig


class ReferentielConfig(AppConfig):
    name = "referentiel"
    verbose_name = "Référentiel"

    def ready(self) -> None:
        from cqp import mail_texts, roles, triggers
        from referentiel import frozen, personal_fields  # noqa: F401  registers what it declares
        from referentiel.models import Branch
        from referentiel.texts import branch_texts

        triggers.declare(*frozen.FREEZES)
        roles.register_contacts(Branch.objects.all)
        mail_texts.SOURCES.append(branch_texts)
