"""An administrator, and the draft of a second version."""

import pytest

from referentiel.drafts.services import create_draft
from referentiel.models import Referentiel
from tests.factories import make_admin


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def draft(referentiel, admin):
    """Version 2, as version 1 was."""
    made = create_draft(
        branch=referentiel.branch,
        code=referentiel.code,
        version="2",
        title=referentiel.title,
        by=admin,
        based_on=Referentiel.objects.with_content().get(pk=referentiel.pk),
    )
    return Referentiel.objects.with_content().get(pk=made.pk)
