from django.apps import AppConfig
from django.core import checks
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


def create_cache_table(**kwargs: object) -> None:
    """The cache lives in the database: its table comes with the others."""
    call_command("createcachetable", verbosity=0)


class CqpConfig(AppConfig):
    name = "cqp"
    verbose_name = "Socle"

    def ready(self) -> None:
        from allauth.account import signals as allauth_signals
        from django.contrib.auth.signals import user_logged_in

        from cqp.accounts import allauth_limits, logins
        from cqp.core.checks import check_declarations
        from cqp.core.registry import discover_declarations
        from cqp.evidence import migrating, rows, triggers
        from cqp.privacy.fields import check_fields
        from cqp.sandbox.checks import check_walls

        discover_declarations()
        allauth_limits.install()
        user_logged_in.connect(logins.note_entrance, dispatch_uid="cqp.logins.entrance")
        for chosen in (allauth_signals.password_set, allauth_signals.password_changed, allauth_signals.password_reset):
            chosen.connect(logins.end_others, dispatch_uid="cqp.logins.password")
        pre_migrate.connect(migrating.note_before_migrate, dispatch_uid="cqp.rows.note")
        pre_migrate.connect(triggers.drop_before_migrate, dispatch_uid="cqp.triggers.drop")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="cqp.triggers.install")
        post_migrate.connect(migrating.bind_after_migrate, dispatch_uid="cqp.rows.bind")
        post_migrate.connect(create_cache_table, sender=self, dispatch_uid="cqp.cache_table")
        checks.register(check_declarations)
        checks.register(check_fields)
        checks.register(rows.check_models)
        checks.register(triggers.check_installed, checks.Tags.database)
        checks.register(check_walls, checks.Tags.security, deploy=True)
