from django.apps import AppConfig


class ReferentielConfig(AppConfig):
    name = "referentiel"
    verbose_name = "Référentiel"

    def ready(self) -> None:
        from cqp import triggers
        from referentiel import frozen

        triggers.declare(*frozen.FREEZES)
