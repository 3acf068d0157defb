"""Codes: nobody guesses one, and no slip of a finger makes one paper another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.papers.codes import ALPHABET, LENGTH, make_code, read_code, shown_code

codes = st.builds(make_code)


@given(codes)
def test_what_is_shown_is_read(code: str) -> None:
    assert len(code) == LENGTH
    assert read_code(code) == code
    assert read_code(shown_code(code)) == code
    assert read_code(f"  {shown_code(code).lower().replace('-', ' ')} ") == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(code: str, place: int, letter: str) -> None:
    typed = code[:place] + letter + code[place + 1 :]
    assert read_code(typed) == (code if typed == code else None)


@given(codes, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_letters_that_changed_places_are_noticed(code: str, one: int, other: int) -> None:
    letters = list(code)
    letters[one], letters[other] = letters[other], letters[one]
    typed = "".join(letters)
    assert read_code(typed) == (code if typed == code else None)


@pytest.mark.parametrize(
    "text", ["", "-", "ABCD", "U" * 16, "가" * 16, "0" * 15, "0" * 17, "'; DROP TABLE--", "ｆ" * 16]
)
def test_what_is_no_code(text: str) -> None:
    assert read_code(text) is None


def test_letters_that_look_like_digits_are_read_as_them() -> None:
    code = next(code for code in (make_code() for _ in range(10_000)) if "0" in code and "1" in code)
    assert read_code(code.replace("0", "o").replace("1", "l")) == code
    assert read_code(code.replace("0", "O").replace("1", "I")) == code


def test_codes_are_long_enough_not_to_be_guessed() -> None:
    """75 bits: with a million papers and a thousand tries a second, one hit in half a thousand million years."""
    assert 32 ** (LENGTH - 1) / 1_000_000 / 1_000 / 31_557_600 > 1_000
    assert len({make_code() for _ in range(1_000)}) == 1_000
