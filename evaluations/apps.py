from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = "Évaluation et jury"

    def ready(self) -> None:
        from cqp import documents, roles, triggers
        from evaluations import frozen, operations, workflow  # noqa: F401  registers the handlers and states
        from evaluations.kinds import KINDS
        from evaluations.roles import ROLES

        documents.register(*KINDS)
        triggers.declare(*frozen.FREEZES)
        roles.register(*ROLES)
