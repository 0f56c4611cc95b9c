from django.apps import AppConfig


class ReferentielConfig(AppConfig):
    name = "referentiel"
    verbose_name = "Référentiel"

    def ready(self) -> None:
        from cqp import roles, triggers
        from referentiel import frozen, personal_fields  # noqa: F401  registers what it declares
        from referentiel.models import Branch

        triggers.declare(*frozen.FREEZES)
        roles.register_contacts(Branch.objects.all)
