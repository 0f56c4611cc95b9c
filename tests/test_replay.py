"""Recorded scenes: what is put back is never in the way of what comes after it."""

import pytest
from django.db import connection, transaction

from cqp.models import User
from tests import factories as make
from tests.conftest import use_copy
from tests.replay import replayed

pytestmark = pytest.mark.database


@replayed
def three_people() -> list[User]:
    return [make.make_user() for _ in range(3)]


def test_in_a_fresh_copy_a_scene_takes_no_number_of_what_follows(committed_referentiel, database_template, worker):
    for _ in range(2):
        with transaction.atomic():
            scene = three_people()
            later = make.make_user()
            assert later not in scene
            assert User.objects.filter(pk__in=[user.pk for user in scene]).count() == len(scene)
            transaction.set_rollback(True)
        connection.close()
        use_copy(database_template, worker)
