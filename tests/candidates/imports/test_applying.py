"""An import is done as it was read, and holds nobody up while its file is opened."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from candidates.imports.services import apply_import, preview_import, resolve_duplicates, start_import
from candidates.models import Import
from tests import factories as make

LEA = b"Civilite;Nom de naissance;Prenoms;Date de naissance;Adresse electronique\nMme;Petit;Lea;03/11/1988;lea@example.org\n"


@pytest.mark.django_db
def test_what_was_chosen_while_the_import_was_read_is_read_again_first(referentiel, monkeypatch):
    session = make.make_session(referentiel, state="preparation")
    admin = make.make_admin(session.branch)
    found = start_import(session=session, kind="candidates", name="candidats.csv", content=LEA, by=admin)
    opened, base = [], len(connection.savepoint_ids)

    def preview(import_: Import):
        opened.append(len(connection.savepoint_ids) - base)
        resolve_duplicates(import_=Import.objects.get(pk=import_.pk), choices={"2": "other"}, by=admin)
        return preview_import(import_)

    monkeypatch.setattr("candidates.imports.services.preview_import", preview)
    with pytest.raises(ValidationError, match="relisez ce qui sera fait"):
        apply_import(import_=found, by=admin)
    assert opened == [0]  # The file is opened outside any transaction: it locks nothing meanwhile.
    found.refresh_from_db()
    assert found.state == "draft"
