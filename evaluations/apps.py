from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = "Évaluation et jury"

    def ready(self) -> None:
        from cqp import documents, triggers
        from evaluations import frozen, operations  # noqa: F401  registers the handlers
        from evaluations.kinds import KINDS

        documents.register(*KINDS)
        triggers.declare(*frozen.FREEZES)
