"""A session whose every bloc is decided."""

import pytest

from tests.evaluations.jury.scene import all_decided, make_scene, sitting


@pytest.fixture
def scene(referentiel):
    return all_decided(sitting(make_scene(referentiel)))
