from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = "Évaluation et jury"

    def ready(self) -> None:
        from candidates.personal_shares import SHARES
        from candidates.services.erasing_parts import PARTS as ERASED
        from candidates.services.sessions import MOVERS
        from candidates.views.branch import INTERVIEW_PANELS, PANELS, RETURN_WARNINGS
        from candidates.views.branch.mark import MARKS
        from candidates.views.files import FILES
        from candidates.workflow import add_guard
        from cqp import checkpoints, documents, roles, triggers, verify
        from evaluations import frozen, operations, personal_fields, workflow  # noqa: F401  registers what they declare
        from evaluations.guards import unsigned_sheets
        from evaluations.holders import accrochage_panel
        from evaluations.kinds import KINDS
        from evaluations.panels import already_prepared, interview_panel, sheets_mark, sheets_panel
        from evaluations.paper import scans
        from evaluations.personal_share import judgement_share
        from evaluations.roles import ROLES
        from evaluations.services.erasing import PARTS
        from evaluations.services.formalities import scans as signed_scans
        from evaluations.services.publication import missing_before_publishing, publish
        from evaluations.verify import check_sheets, sheet_heads

        FILES += [scans, signed_scans]
        ERASED[:0] = PARTS
        SHARES.append(judgement_share)
        PANELS += [sheets_panel, accrochage_panel]
        MARKS.append(sheets_mark)
        INTERVIEW_PANELS.append(interview_panel)
        RETURN_WARNINGS.append(already_prepared)
        add_guard("open_jury", unsigned_sheets)
        add_guard("publish", unsigned_sheets)
        add_guard("publish", missing_before_publishing)
        MOVERS["publish"] = lambda session, by, comment: publish(session, by=by)

        documents.register(*KINDS)
        checkpoints.HEADS.append(sheet_heads)
        verify.CHECKS.append(check_sheets)
        triggers.declare(*frozen.FREEZES)
        roles.register(*ROLES)
