from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class CqpConfig(AppConfig):
    name = "cqp"
    verbose_name = "Socle"

    def ready(self) -> None:
        from cqp import triggers

        pre_migrate.connect(triggers.drop_before_migrate, dispatch_uid="cqp.triggers.drop")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="cqp.triggers.install")
        checks.register(triggers.check_installed, checks.Tags.database)
