"""What the packages declare at each other's extension points: all of it is read, and it is this."""

import pytest

from cqp.core.checks import check_declarations
from cqp.core.registry import LOADED, REGISTRIES, Registry, declaration_modules

# A freeze without its message. The fields of a person are compared with the models by `check_fields`.
DECLARED = {
    "candidates.board.hooks.panels": [
        "evaluations.sheets.panels.sheets_panel",
        "evaluations.accrochage.queries.accrochage_panel",
    ],
    "candidates.dossiers.hooks.readable_files": [
        "candidates.dossiers.views.files.own_files",
        "candidates.dossiers.views.files.branch_files",
        "candidates.dossiers.views.files.assemblies",
        "evaluations.paper.services.scans",
        "evaluations.publication.formalities.scans",
    ],
    "candidates.dossiers.hooks.return_warnings": [
        "evaluations.sheets.panels.already_prepared",
    ],
    "candidates.planning.hooks.interview_panels": [
        "evaluations.sheets.panels.interview_panel",
    ],
    "candidates.privacy.hooks.erasure_parts": [
        "evaluations.privacy.erasure.empty_judgement",
        "evaluations.privacy.erasure.empty_preparation",
        "evaluations.privacy.erasure.empty_documents",
        "evaluations.privacy.erasure.drop_paper",
        "candidates.privacy.erasure_parts.empty_dossiers",
        "candidates.privacy.erasure_parts.empty_interviews",
        "candidates.privacy.erasure_parts.empty_candidate",
        "candidates.privacy.erasure_parts.empty_account",
        "candidates.privacy.erasure_parts.empty_journal",
        "candidates.privacy.erasure_parts.empty_elsewhere",
        "candidates.privacy.erasure_parts.empty_identity",
    ],
    "candidates.privacy.hooks.export_parts": [
        "candidates.privacy.export_parts.enrolment_share",
        "candidates.privacy.export_parts.dossiers_share",
        "candidates.privacy.export_parts.interviews_share",
        "candidates.privacy.export_parts.journal_share",
        "evaluations.privacy.export.judgement_share",
    ],
    "candidates.sessions.hooks.change_marks": [
        "evaluations.sheets.panels.sheets_mark",
    ],
    "candidates.sessions.hooks.guards": [
        "start_interviews: candidates.planning.guards.missing_before_interviews",
        "open_jury: evaluations.sheets.workflow.unsigned_sheets",
        "publish: evaluations.sheets.workflow.unsigned_sheets",
        "publish: evaluations.publication.services.missing_before_publishing",
    ],
    "candidates.sessions.hooks.movers": [
        "publish",
    ],
    "cqp.accounts.hooks.contacts": [
        "branches",
    ],
    "cqp.accounts.hooks.roles": [
        "administrator",
        "candidate",
        "evaluator",
        "juror",
    ],
    "cqp.core.hooks.periodic": [
        "files",
        "pages",
        "assemblies",
        "imports",
        "documents",
        "uploads",
        "idle uploads",
        "exports",
        "searches",
        "interrupted mails",
        "reminders",
        "results",
        "logins",
        "rate_limits",
        "checkpoint",
    ],
    "cqp.documents.hooks.document_checks": [
        "cqp.evidence.documents.find_row_fault",
        "cqp.evidence.documents.find_content_fault",
    ],
    "cqp.evidence.hooks.checkpoint_reasons": ["candidates.sessions.declarations.has_published"],
    "cqp.evidence.hooks.before_binding": ["evaluations.privacy.earlier_erasures.complete_earlier_reports"],
    "cqp.evidence.hooks.emptied_entries": ["candidates.privacy.erased_entries.list_emptied_entries"],
    "cqp.sandbox.hooks.jobs": [
        "cqp.documents.seal_reading.read_seal",
        "cqp.documents.key_reading.read_key",
        "cqp.files.jobs.identify",
        "cqp.files.jobs.sanitise",
        "cqp.files.jobs.count_made_pages",
        "cqp.files.jobs.photo_to_pdf",
        "cqp.files.jobs.draw_page",
        "cqp.files.jobs.draw_notice",
        "cqp.files.office_program.convert",
        "cqp.spreadsheets.parsing.parse",
        "cqp.spreadsheets.annotating.annotate",
        "referentiel.drafts.rncp_parsing.parse",
        "candidates.dossiers.joining.join",
        "candidates.dossiers.joining.finish",
        "evaluations.accrochage.receipt_parsing.parse",
    ],
    "cqp.evidence.hooks.chain_heads": [
        "cqp.evidence.checkpoints.list_journal_heads",
        "cqp.evidence.row_verification.list_row_heads",
        "evaluations.evidence.verification.list_sheet_heads",
    ],
    "cqp.evidence.hooks.checks": [
        "cqp.evidence.verification.check_triggers",
        "cqp.evidence.verification.check_checkpoints",
        "cqp.evidence.verification.check_journal",
        "cqp.evidence.row_verification.check_rows",
        "cqp.evidence.verification.check_documents",
        "evaluations.evidence.verification.check_sheets",
    ],
    "cqp.evidence.hooks.freezes": [
        "cqp.RowEntry UPDATE DELETE",
        "cqp.Checkpoint UPDATE DELETE",
        "referentiel.Referentiel INSERT UPDATE DELETE",
        "referentiel.ScaleLevel INSERT UPDATE DELETE",
        "referentiel.Bloc INSERT UPDATE DELETE",
        "referentiel.TrameItem INSERT UPDATE DELETE",
        "referentiel.Activity INSERT UPDATE DELETE",
        "referentiel.Competence INSERT UPDATE DELETE",
        "referentiel.Criterion INSERT UPDATE DELETE",
        "referentiel.ReferentielSeal UPDATE DELETE",
        "evaluations.ScoringSheet UPDATE DELETE",
        "evaluations.Score INSERT UPDATE DELETE",
        "evaluations.CompetenceVerdict INSERT UPDATE DELETE",
        "evaluations.Divergence INSERT UPDATE",
        "evaluations.Divergence DELETE",
        "evaluations.Revision INSERT",
        "evaluations.Revision UPDATE DELETE",
        "evaluations.Signature UPDATE DELETE",
        "evaluations.Reopening UPDATE DELETE",
        "cqp.JournalEntry UPDATE DELETE",
        "evaluations.Decision UPDATE DELETE",
        "cqp.Document DELETE",
        "cqp.Document UPDATE",
        "cqp.Document UPDATE",
        "cqp.Document UPDATE",
    ],
    "cqp.mail.hooks.editable": [
        "invitation",
        "deposit_reminder",
        "convocation",
        "interview_reminder",
        "results_published",
        "appointed",
    ],
    "cqp.mail.hooks.texts": [
        "referentiel.branches.queries.branch_texts",
    ],
    "cqp.models.documents.kinds": [
        "deposit_receipt",
        "report",
        "minutes",
        "certificate",
        "attestation",
        "letter",
        "register",
    ],
    "cqp.operations.hooks.handlers": [
        "dossier",
        "preparation",
        "sheet",
    ],
    "cqp.workflow.workflows": [
        "candidates.Dossier",
        "candidates.Interview",
        "candidates.Incident",
        "candidates.Session",
        "evaluations.ScoringSheet",
    ],
}


# What has an entry for each model: `manage.py check` finds what is missing.
EACH_MODEL = ("cqp.privacy.hooks.fields", "cqp.evidence.hooks.evident", "cqp.evidence.hooks.plain")


def test_what_is_declared_is_this():
    declared = {
        name: [entry.key.partition(":")[0] if name.endswith(".freezes") else entry.key for entry in registry.entries]
        for name, registry in REGISTRIES.items()
        if name.startswith(("cqp.", "candidates.")) and name not in EACH_MODEL
    }
    assert declared == DECLARED


def test_each_declarations_module_is_read():
    assert set(declaration_modules()) == LOADED
    assert check_declarations() == []


@pytest.fixture
def registry():
    made = Registry("tests.registry")
    yield made
    del REGISTRIES["tests.registry"]


def test_what_is_declared_twice_is_an_error_of_the_check(registry):
    registry.register(1, key="one")
    registry.register(2, key="one")
    assert list(registry) == [1]
    assert [message.id for message in check_declarations()] == ["cqp.E010"]


def test_an_extension_point_that_nobody_answers_is_an_error_of_the_check(registry):
    assert [message.id for message in check_declarations()] == ["cqp.E011"]


def test_a_module_that_is_not_read_is_an_error_of_the_check(monkeypatch):
    monkeypatch.setattr("cqp.core.checks.LOADED", LOADED - {"candidates.portal.declarations"})
    assert [message.msg.split()[0] for message in check_declarations()] == ["candidates.portal.declarations"]


def test_items_come_by_order_then_as_they_were_declared(registry):
    registry.register("b", key="1", order=20)
    registry.register("a", key="2", order=10)
    registry.register("c", key="3", order=20)
    assert list(registry) == ["a", "b", "c"]
    assert registry.for_key("1") == "b"
    with pytest.raises(KeyError):
        registry.for_key("4")
