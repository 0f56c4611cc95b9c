"""The list of deliberate faults is about the code and the tests as they are."""

import re

import pytest

from tests.mutants import DATABASES, ROOT, Fault, Run, load_faults, verdict

FAULTS = load_faults()
# At least so many faults of each area.
LEAST = {
    "scoring": 4,
    "permissions": 4,
    "workflow": 3,
    "chains": 3,
    "operations": 3,
    "imports": 2,
    "seals": 2,
    "queue": 2,
    "rule": 2,
    "templates": 2,
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_its_place_and_its_tests(fault: Fault):
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1
    assert fault.new != fault.old
    assert fault.database in DATABASES
    for test in fault.tests:
        path, _, name = test.partition("::")
        assert path.startswith("tests/")
        assert re.search(rf"^def {name or 'test_'}", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), test


def test_each_fault_has_a_name_of_its_own_and_no_area_is_left_out():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    areas = [fault.area for fault in FAULTS]
    assert {area: min(areas.count(area), least) for area, least in LEAST.items()} == LEAST


@pytest.mark.parametrize(
    ("code", "output", "word"),
    [
        (1, "FAILED tests/test_x.py::test_y[a b] - assert 1 == 2\n1 failed in 0.1s", "caught"),
        (1, "ERROR tests/test_x.py::test_y - ImportError\n1 error in 0.1s", "INVALID"),
        (0, "3 passed in 0.1s", "SURVIVED"),
        (2, "Interrupted: 1 error during collection", "INVALID"),
        (4, "ImportError while loading conftest", "INVALID"),
        (5, "3 deselected in 0.1s", "INVALID"),
        (None, "", "INVALID"),
    ],
)
def test_only_a_test_that_fails_catches_a_fault(code, output, word):
    ran = Run(code, output, 0.1)
    assert verdict(ran).word == word
    assert ran.failed == ("tests/test_x.py::test_y[a b]" if word == "caught" else "")
