"""The tax service's question and answer, without the service."""

import json
from datetime import date

import pytest
from django.test import override_settings

from tenants.deadlines import services
from tenants.deadlines.errors import StatusServiceFailed
from tenants.deadlines.models import RegistrationCheck
from tenants.deadlines.tasks import check_registrations
from tenants.deadlines.tax_service import Answer, ask_service, read_answer, request_body
from tests.factories.companies import CompanyFactory
from tests.factories.deadlines import NOW, resident

NUMBER = "1238000009"


def answer(*rows, **values):
    return json.dumps({"status_code": "OK", "data": list(rows), **values}).encode()


def test_the_body_asks_for_a_hundred_numbers_at_most():
    assert json.loads(request_body([NUMBER])) == {"b_no": [NUMBER]}
    assert len(json.loads(request_body([NUMBER] * 100))["b_no"]) == 100
    for wrong in ([], [NUMBER] * 101, ["123-45-67890"], ["１２３８００００１２"], [""]):
        with pytest.raises(ValueError, match="number"):
            request_body(wrong)


@pytest.mark.parametrize(
    ("code", "status"),
    [("01", "active"), ("02", "suspended"), ("03", "closed"), ("", "unknown"), (None, "unknown")],
)
def test_every_status(code, status):
    row = {
        "b_no": NUMBER,
        "b_stt_cd": code,
        "b_stt": "계속사업자",
        "tax_type": "부가가치세 일반과세자",
        "end_dt": "",
    }
    assert read_answer(answer(row), [NUMBER]) == {
        NUMBER: Answer(status, "계속사업자 · 부가가치세 일반과세자")
    }


def test_a_closed_business_has_its_day():
    row = {"b_no": NUMBER, "b_stt_cd": "03", "b_stt": "폐업자", "end_dt": "20260930"}
    assert read_answer(answer(row), [NUMBER])[NUMBER].note == "폐업자 · 20260930"


def test_numbers_that_nobody_asked_for_are_left_out():
    rows = [{"b_no": NUMBER, "b_stt_cd": "01"}, {"b_no": "9999999999", "b_stt_cd": "01"}]
    assert set(read_answer(answer(*rows), [NUMBER])) == {NUMBER}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"status_code": "OK"}',
        b'{"status_code": "TOO_LARGE_REQUEST"}',
        answer({"b_stt_cd": "01"}),
        answer({"b_no": NUMBER, "b_stt_cd": "99"}),
        answer("x"),
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_refused(body):
    with pytest.raises(StatusServiceFailed):
        read_answer(body, [NUMBER])


def test_only_over_a_closed_line():
    with pytest.raises(StatusServiceFailed):
        ask_service([NUMBER], url="http://tax.example", key="k")


@pytest.mark.django_db
class TestLooking:
    def test_all_residents_a_hundred_at_a_time(self):
        asked = []
        for _n in range(101):
            resident()
        CompanyFactory()

        def ask(numbers):
            asked.append(len(numbers))
            return {number: Answer("active") for number in numbers[1:]}

        assert services.check_registrations(ask=ask, actor=None, now=NOW) == 99
        assert asked == [100, 1]
        found = RegistrationCheck.objects.filter(source="service")
        assert (found.count(), found.first().checked_on) == (99, date(2026, 11, 22))

    def test_one_answer_that_fails_leaves_nothing(self):
        resident()

        def ask(numbers):
            raise StatusServiceFailed(said="x")

        with pytest.raises(StatusServiceFailed):
            services.check_registrations(ask=ask, actor=None, now=NOW)
        assert not RegistrationCheck.objects.filter(source="service").exists()

    @override_settings(BUSINESS_STATUS_URL="https://tax.example/status", BUSINESS_STATUS_KEY="")
    def test_without_a_key_nobody_is_asked(self):
        resident()
        assert check_registrations() == 0
