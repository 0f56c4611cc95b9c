from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# A queued task is kept under the name of its function: where each was before the modules were sorted by capability, and is now.
PATHS = {
    "candidates.invitations.send_invitation": "candidates.enrolments.invitations.send_invitation",
    "candidates.personal_export.make_export": "candidates.privacy.export.make_export",
    "candidates.services.imports.run_import": "candidates.imports.services.run_import",
    "candidates.services.joining.join_upload": "candidates.dossiers.upload_joining.join_upload",
    "candidates.services.plan_runs.search_plan": "candidates.planning.search_runs.search_plan",
    "candidates.tasks.assemble_dossier": "candidates.dossiers.tasks.assemble_dossier",
    "cqp.documents.render_document": "cqp.documents.services.render_document",
    "cqp.intake.take_in": "cqp.files.tasks.take_in",
    "cqp.mail.deliver": "cqp.mail.outbox.deliver",
    "cqp.page_images.render_pages": "cqp.files.page_images.render_pages",
    "evaluations.paper.render_day": "evaluations.paper.forms_pdf.render_day",
}


def rename(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(schema_editor.connection.alias)
    for old, new in PATHS.items():
        rows.filter(task_path=old).update(task_path=new)


def rename_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(schema_editor.connection.alias)
    for old, new in PATHS.items():
        rows.filter(task_path=new).update(task_path=old)


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0009_seal"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(rename, rename_back)]
