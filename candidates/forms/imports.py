"""The file of an import."""

from candidates.models import Import, Session
from candidates.services.imports import start_import
from cqp.forms import SpreadsheetForm, save_or_show
from cqp.models import User


class ImportFileForm(SpreadsheetForm):
    def save(self, session: Session, kind: str, by: User) -> Import | None:
        file = self.cleaned_data["file"]
        return save_or_show(
            self, lambda: start_import(session=session, kind=kind, name=file.name, content=file.read(), by=by)
        )
