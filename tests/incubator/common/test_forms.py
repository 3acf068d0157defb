from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from incubator.common.forms import DayField, WonField, parse_day


class Plan(forms.Form):
    name = forms.CharField(help_text="As registered.")
    last_day = DayField(label="Last day")
    amount = WonField(label="Amount", required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026.11.22",
        "2026. 11. 22.",
        "20261122",
        " 2026-11-22 ",
        "2026/11/22",
        "2026년 11월 22일",
        "2026 11 22",
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert DayField().clean(text) == date(2026, 11, 22)


def test_single_digits_are_days_too():
    assert parse_day("2026-1-3") == date(2026, 1, 3)
    assert parse_day("2026. 1. 3.") == date(2026, 1, 3)


@pytest.mark.parametrize("text", ["2027-02-29", "20270229", "2026-13-01", "2026-00-10", "0000-01-01"])
def test_an_impossible_day_is_refused_in_words(text):
    with pytest.raises(ValidationError) as refused:
        parse_day(text)
    assert refused.value.code == "impossible"


def test_the_refusal_names_the_day():
    with translation.override("en"):
        with pytest.raises(ValidationError) as refused:
            parse_day("2027-02-29")
        assert refused.value.messages == ["There is no such day: 2027-2-29."]


@pytest.mark.parametrize(
    "text", ["22-11-2026", "2026-11", "tomorrow", "2026112", "２０２６-１１-２２", "2026-11-22T00:00", "\x00"]
)
def test_another_form_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        parse_day(text)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize(
    ("text", "krw"),
    [
        ("1234567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1,234,567원", 1_234_567),
        ("₩ 1,000", 1_000),
        ("0", 0),
    ],
)
def test_won_with_and_without_commas(text, krw):
    assert WonField().clean(text) == krw


@pytest.mark.parametrize("text", ["1,23", "12.5", "-5", "abc", "9" * 16, "1e5"])
def test_won_that_is_none_is_refused(text):
    with pytest.raises(ValidationError):
        WonField().clean(text)


def test_what_was_typed_stays_and_the_error_is_tied_to_its_field():
    with translation.override("en"):
        html = str(Plan({"name": "무등비전", "last_day": "2027-02-29"}))
    assert 'value="2027-02-29"' in html
    assert 'value="무등비전"' in html
    assert 'aria-describedby="id_last_day_helptext id_last_day_error"' in html
    assert 'id="id_last_day_error"' in html
    assert html.count('aria-invalid="true"') == 1
    assert '<a href="#id_last_day">Last day</a>' in html


def test_a_fresh_form_has_no_error_and_puts_help_before_the_field():
    html = str(Plan())
    assert "aria-invalid" not in html
    assert html.index("As registered.") < html.index('name="name"')
    assert "<legend>" in html
