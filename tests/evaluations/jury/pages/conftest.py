"""A session whose jury sits."""

import pytest

from tests.evaluations.jury.scene import make_scene, sitting


@pytest.fixture
def scene(referentiel):
    return sitting(make_scene(referentiel))
