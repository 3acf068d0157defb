"""What single cells mean, and which of them are refused."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from incubator.common.sheets import (
    Unreadable,
    business_number,
    choice,
    choices,
    corporate_number,
    day,
    decimal,
    email,
    is_business_number,
    is_corporate_number,
    listed,
    shown_business_number,
    shown_corporate_number,
    text,
    whole,
    won,
    yes_no,
)


def code_of(parse, cell):
    with pytest.raises(Unreadable) as refusal:
        parse(cell)
    assert str(refusal.value.reason)
    return refusal.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-1-3",
        "2026-01-03",
        "2026.01.03",
        "2026.1.3",
        "2026. 1. 3.",
        "2026. 01. 03.",
        "2026/01/03",
        "20260103",
        20260103,
        20260103.0,
        "2026년 1월 3일",
        "2026. 1. 3. (토)",
        "2026-01-03 00:00:00",
        date(2026, 1, 3),
        datetime(2026, 1, 3),
    ],
)
def test_a_day_in_each_of_its_forms(cell):
    assert day()(cell) == date(2026, 1, 3)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2027-02-29", "no_such_day"),
        ("2027. 2. 29.", "no_such_day"),
        ("20270229", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("2026-00-10", "no_such_day"),
        ("0000-01-01", "no_such_day"),
        ("1026-01-03", "year_out_of_range"),
        ("2126-01-03", "year_out_of_range"),
        ("2026-01.03", "not_a_day"),
        ("26-01-03", "not_a_day"),
        ("1/3/2026", "not_a_day"),
        ("２０２６-01-03", "wide_digits"),
        ("다음 주", "not_a_day"),
        (46025, "not_a_day"),
        (True, "not_a_day"),
        (time(9, 30), "not_a_day"),
        (datetime(2026, 1, 3, 9, 30), "not_a_day"),
    ],
)
def test_what_is_no_day(cell, code):
    assert code_of(day(), cell) == code


def test_29_february_of_a_leap_year():
    assert day()("2028. 2. 29.") == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("388,000,000", 388_000_000),
        ("0", 0),
        ("2800000000", 2_800_000_000),
        ("1,000원", 1000),
        ("₩1,000", 1000),
        (8200, 8200),
        (8200.0, 8200),
        ("8200.0", 8200),
    ],
)
def test_won(cell, amount):
    assert won()(cell) == amount


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1,23,4", "not_a_number"),
        ("1234,567", "not_a_number"),
        (",100", "not_a_number"),
        ("1,000,", "not_a_number"),
        ("3.8억", "not_a_number"),
        ("1e9", "not_a_number"),
        ("NaN", "not_a_number"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        ("9" * 5000, "not_a_number"),
        (True, "not_a_number"),
        ("１００", "wide_digits"),
        ("١٠٠", "not_a_number"),
        ("100.5", "not_a_whole_number"),
        ("-1", "too_small"),
        (10**15 + 1, "too_large"),
        (date(2026, 1, 3), "not_a_text"),
    ],
)
def test_what_is_no_amount(cell, code):
    assert code_of(won(), cell) == code


def test_whole_numbers_keep_their_limits():
    assert whole(min=1, max=10)("10") == 10
    assert code_of(whole(min=1, max=10), "0") == "too_small"
    assert code_of(whole(min=1, max=10), "11") == "too_large"
    assert code_of(whole(), 2**31) == "too_large"


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        ("23.1", "23.1"),
        (23.1, "23.1"),
        (0.1 + 0.2, "0.3"),
        ("1,023.10", "1023.10"),
        (33, "33"),
        ("33.0", "33.0"),
    ],
)
def test_decimals(cell, area):
    assert decimal(2, min=0)(cell) == Decimal(area)


def test_decimals_are_never_rounded():
    assert code_of(decimal(2), "23.125") == "too_many_decimals"
    assert decimal(2)("23.120") == Decimal("23.12")


def test_a_negative_area_is_refused():
    assert code_of(decimal(2, min=Decimal("0.01")), "-23.1") == "too_small"
    assert code_of(decimal(2, min=Decimal("0.01")), -23.1) == "too_small"


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        *[(yes, True) for yes in ("예", "네", "YES", "o", True, 1)],
        *[(no, False) for no in ("아니오", "아니요", "No", "X", False, 0)],
    ],
)
def test_yes_and_no(cell, answer):
    assert yes_no()(cell) is answer


def test_neither_yes_nor_no():
    assert code_of(yes_no(), "글쎄요") == "not_yes_or_no"


STAGES = {"시드": "seed", "프리A": "pre_a", "Seed": "seed"}


def test_choice():
    assert choice(STAGES)("시드") == "seed"
    assert choice(STAGES)("SEED") == "seed"
    assert choice(STAGES)("프리 a") == "pre_a"


def test_an_unknown_choice_names_the_known_ones():
    with pytest.raises(Unreadable) as refusal:
        choice(STAGES)("시리즈Z")
    assert refusal.value.code == "unknown_choice"
    assert "시드, 프리A" in str(refusal.value.reason)
    assert "Seed" not in str(refusal.value.reason)
    assert "시리즈Z" in str(refusal.value.reason)


SECTORS = {"보안": 1, "자율주행": 2, "음성·언어": 3}


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("보안, 자율주행", (1, 2)),
        ("음성·언어, 보안", (3, 1)),
        ("음성·언어", (3,)),
        ("보안;자율주행", (1, 2)),
        ("보안\n자율주행", (1, 2)),
        ("보안、음성·언어", (1, 3)),
        ("보안, 보안,", (1,)),
    ],
)
def test_choices(cell, values):
    assert choices(SECTORS)(cell) == values


def test_one_unknown_choice_refuses_the_cell():
    assert code_of(choices(SECTORS), "보안, 요리") == "unknown_choice"


def test_listed_names():
    assert listed(text(20))("수완시큐어, 새론센싱 (주)") == ("수완시큐어", "새론센싱 (주)")
    assert code_of(listed(text(5)), "짧은 것, 여섯글자이상") == "too_long"


def test_text():
    assert text(10)("동명  메디칼\n") == "동명 메디칼"
    assert text(10, multiline=True)("a\r\nb") == "a\nb"
    assert text(10)(408) == "408"
    assert text(10)(408.0) == "408"
    assert text(10)("가" * 10) == "가" * 10
    assert code_of(text(10), "가" * 11) == "too_long"
    assert code_of(text(10), "a\x00b") == "control_character"
    assert code_of(text(10), date(2026, 1, 3)) == "not_a_text"


def test_email():
    assert email()("Adviser01@Camp.example") == "adviser01@camp.example"
    for wrong in ("adviser01", "a@b@c.kr", "a b@camp.example", "a" * 250 + "@camp.example"):
        assert code_of(email(), wrong) == "not_an_email"


RIGHT = ["124-81-00998", "208-81-10310", "214-86-39239", "116-82-00276", "134-86-72683"]


@pytest.mark.parametrize("number", RIGHT)
def test_right_business_numbers(number):
    digits = number.replace("-", "")
    assert business_number()(number) == digits
    assert business_number()(digits) == digits
    assert business_number()(int(digits)) == digits
    assert shown_business_number(digits) == number
    assert is_business_number(digits)


@pytest.mark.parametrize("number", RIGHT)
def test_another_check_digit_is_wrong(number):
    digits = number.replace("-", "")
    others = [digits[:9] + last for last in "0123456789" if last != digits[9]]
    assert [is_business_number(other) for other in others] == [False] * 9


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("101-81-34618", "wrong_business_number"),
        ("1018134618", "wrong_business_number"),
        ("0000000000", "wrong_business_number"),
        ("124-8100998", "not_a_business_number"),
        ("124-81-0099", "not_a_business_number"),
        ("124 81 00998", "not_a_business_number"),
        ("124-81-0099a", "not_a_business_number"),
        ("１２４-81-00998", "wide_digits"),
        ("١٢٤٨١٠٠٩٩٨", "not_a_business_number"),
        (124810099, "not_a_business_number"),
    ],
)
def test_wrong_business_numbers(cell, code):
    assert code_of(business_number(), cell) == code


def test_business_numbers_are_ascii_digits_only():
    assert is_business_number("１２４８１００９９８") is False
    assert is_business_number("124-81-00998") is False


def test_corporate_numbers_need_no_checksum():
    assert corporate_number()("209725-7063435") == "2097257063435"
    assert corporate_number()("2097257063436") == "2097257063436"
    assert corporate_number()(2097257063435) == "2097257063435"
    assert shown_corporate_number("2097257063435") == "209725-7063435"
    assert not is_corporate_number("209725-7063435")
    for wrong in ("209725-706343", "2097-257063435", "209725706343５"):
        assert code_of(corporate_number(), wrong) in {"not_a_corporate_number", "wide_digits"}
