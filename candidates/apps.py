from django.apps import AppConfig


class CandidatesConfig(AppConfig):
    name = "candidates"
    verbose_name = "Sessions et candidats"

    def ready(self) -> None:
        from candidates import dossier_workflow, workflow  # noqa: F401  registers the states
        from candidates.roles import ROLES
        from cqp import roles

        roles.register(*ROLES)
