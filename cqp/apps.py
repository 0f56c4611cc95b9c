from django.apps import AppConfig
from django.core import checks
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


def create_cache_table(**kwargs: object) -> None:
    """The rate limits live in the database: their table comes with the others."""
    call_command("createcachetable", verbosity=0)


class CqpConfig(AppConfig):
    name = "cqp"
    verbose_name = "Socle"

    def ready(self) -> None:
        from cqp import frozen, personal_fields, triggers  # noqa: F401  registers what it declares

        triggers.declare(*frozen.FREEZES)
        pre_migrate.connect(triggers.drop_before_migrate, dispatch_uid="cqp.triggers.drop")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="cqp.triggers.install")
        post_migrate.connect(create_cache_table, sender=self, dispatch_uid="cqp.cache_table")
        checks.register(triggers.check_installed, checks.Tags.database)
