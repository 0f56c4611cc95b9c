import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqp.documents.services import CODE_ALPHABET
from evaluations.paper.codes import SIZE, BadCodeError, CodeKind, SheetCode, read_code

codes = st.builds(SheetCode, st.sampled_from(CodeKind), st.integers(0, SIZE - 1))


@given(codes)
def test_a_code_reads_back_as_the_sheet_that_it_names(code):
    assert read_code(str(code)) == code


@given(codes, st.integers(0, 5), st.sampled_from(CODE_ALPHABET))
def test_one_wrong_letter_is_found(code, place, letter):
    letters = list(str(code).replace("-", ""))
    letters[1 + place] = letter
    typed = "".join(letters)
    if typed == str(code).replace("-", ""):
        assert read_code(typed) == code
    else:
        with pytest.raises(BadCodeError):
            read_code(typed)


@given(codes, st.integers(1, 6), st.integers(1, 6))
def test_two_exchanged_letters_are_found(code, first, second):
    letters = list(str(code).replace("-", ""))
    letters[first], letters[second] = letters[second], letters[first]
    typed = "".join(letters)
    if typed == str(code).replace("-", ""):
        assert read_code(typed) == code
    else:
        with pytest.raises(BadCodeError):
            read_code(typed)


@given(codes)
def test_one_kind_typed_for_the_other_is_found(code):
    other = "C" if code.kind is CodeKind.OWN else "F"
    with pytest.raises(BadCodeError):
        read_code(other + str(code)[1:])


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_refused(typed):
    try:
        code = read_code(typed)
    except BadCodeError:
        return
    assert str(code).replace("-", "") == "".join(c for c in typed.upper() if c.isalnum())


def test_a_code_keeps_its_form():
    # Printed on paper already: it may not change any more.
    assert str(SheetCode(CodeKind.OWN, 1)) == "F-MTD2-7G"
    assert str(SheetCode(CodeKind.JOINT, 40)) == "C-RPS8-AN"


@pytest.mark.parametrize("typed", ["f mtd2 7g", "FMTD27G", "  F-MTD2–7G\t", "f.mtd2.7g"])
def test_capitals_spaces_and_dashes_do_not_matter(typed):
    assert read_code(typed) == SheetCode(CodeKind.OWN, 1)


def test_neighbours_do_not_look_alike():
    for pk in range(1, 200):
        one, next_one = str(SheetCode(CodeKind.OWN, pk)), str(SheetCode(CodeKind.OWN, pk + 1))
        assert sum(a != b for a, b in zip(one, next_one, strict=True)) >= 3, (one, next_one)


@pytest.mark.parametrize("pk", [-1, SIZE])
def test_what_has_no_code_is_refused(pk):
    with pytest.raises(ValueError, match="No code"):
        str(SheetCode(CodeKind.OWN, pk))
