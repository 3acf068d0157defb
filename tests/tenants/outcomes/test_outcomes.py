"""Reports in revisions, periods that close, and the walls between companies."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from tenants.outcomes import errors, selectors, services
from tenants.outcomes.models import KpiDefinition, KpiReport, KpiValue, ReportingPeriod
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.outcomes import KpiDefinitionFactory, KpiReportFactory, ReportingPeriodFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOME, API = "/portal/outcomes/", "/api/v1/outcome-reports/"


@pytest.fixture
def indicators():
    KpiDefinition.objects.all().delete()
    return [
        KpiDefinitionFactory(code="revenue", unit="krw", name="매출액"),
        KpiDefinitionFactory(code="employees", unit="people", name="임직원 수"),
    ]


@pytest.fixture
def period():
    return ReportingPeriodFactory()


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def owner(company):
    return sign_in(Client(), MembershipFactory(company=company).user)


def report(company, period, *, submit=True, actor=None, **values):
    return services.save_report(
        company=company,
        period=period,
        values=values or {"revenue": 1_000, "employees": 3},
        submit=submit,
        actor=actor,
        now=NOW,
    )


def figures(each):
    return {value.definition.code: value.value for value in each.values.select_related("definition")}


def test_the_camp_starts_with_indicators():
    assert list(KpiDefinition.objects.values_list("code", flat=True)) == [
        "revenue",
        "employees",
        "hired",
        "investment",
        "patents",
    ]


def test_a_draft_is_filled_and_submitted_then_corrected_by_a_revision(indicators, company, period):
    draft = report(company, period, submit=False, revenue=1_000)
    same = report(company, period, submit=False, revenue=2_000, employees=None)
    assert (draft.pk, draft.revision, figures(same)) == (same.pk, 1, {"revenue": 2_000})

    submitted = report(company, period, revenue=2_000, employees=5)
    assert (submitted.pk, submitted.state, submitted.submitted_at) == (draft.pk, "submitted", NOW)

    correction = report(company, period, revenue=2_100, employees=5)
    assert (correction.revision, figures(correction)) == (2, {"revenue": 2_100, "employees": 5})
    assert figures(submitted) == {"revenue": 2_000, "employees": 5}


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"revenue": 1}, errors.FiguresMissing),
        ({"revenue": 1, "employees": -1}, errors.NegativeFigure),
        ({"revenue": 1, "employees": 1, "moons": 1}, errors.UnknownIndicator),
    ],
)
def test_what_cannot_be_submitted(indicators, company, period, values, refusal):
    with pytest.raises(refusal):
        report(company, period, **values)
    assert KpiReport.objects.count() == 0


def test_an_indicator_no_longer_asked_for_is_unknown(indicators, company, period):
    KpiDefinition.objects.filter(code="employees").update(active=False)
    assert figures(report(company, period, revenue=1)) == {"revenue": 1}


def test_a_closed_period_is_locked(indicators, company, period):
    report(company, period)
    services.close_period(period=period, actor=acting_staff(StaffGroup.CONSULTING), now=NOW)
    with pytest.raises(errors.PeriodClosed):
        report(company, period)
    with pytest.raises(errors.PeriodClosed):
        services.close_period(period=period, actor=None, now=NOW)
    assert KpiReport.objects.count() == 1


def test_who_may(indicators, company, period):
    member, stranger = founder_of(company, level="member"), founder_of(CompanyFactory())
    assert report(company, period, actor=member).submitted_by == member
    for actor in (stranger, acting_staff(StaffGroup.LEASES), acting_staff(StaffGroup.AUDITOR)):
        with pytest.raises(NotAllowed):
            report(company, period, actor=actor)
        with pytest.raises(NotAllowed):
            services.close_period(period=period, actor=actor, now=NOW)


def test_opening_a_period():
    values = {
        "name": "2026년 하반기",
        "name_en": "Second half of 2026",
        "first_day": date(2026, 7, 1),
        "last_day": date(2026, 12, 31),
        "actor": None,
        "now": NOW,
    }
    opened = services.open_period(**values, due_on=date(2027, 1, 31))
    assert opened.period == DateRange(date(2026, 7, 1), date(2027, 1, 1))
    with pytest.raises(errors.PeriodNameTaken):
        services.open_period(**values, due_on=date(2027, 1, 31))
    with pytest.raises(errors.PeriodEmpty):
        services.open_period(**{**values, "name": "x"}, due_on=date(2026, 12, 31))


# --- what the database refuses by itself


def refused_by(error) -> str:
    return error.value.__cause__.diag.constraint_name


def test_submitted_reports_and_their_figures_stay(indicators, company, period):
    submitted = report(company, period)
    for change in (
        lambda: KpiReport.objects.filter(pk=submitted.pk).update(note="x"),
        lambda: KpiReport.objects.filter(pk=submitted.pk).update(state="draft", submitted_at=None),
    ):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            change()
        assert refused_by(error) == "outcomes_report_unsent"
    for change in (
        lambda: submitted.values.update(value=9),
        lambda: submitted.values.all().delete(),
        lambda: KpiValue.objects.create(report=submitted, definition=KpiDefinitionFactory(), value=1),
    ):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            change()
        assert refused_by(error) == "outcomes_value_unsent"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"revision": 1}, "outcomes_revision_once"),
        ({"revision": 2}, "outcomes_one_draft"),
        ({"revision": 0}, "outcomes_revision_from_one"),
        ({"revision": 3, "state": "lost"}, "outcomes_state_known"),
        ({"revision": 3, "state": "submitted"}, "outcomes_submitted_has_time"),
    ],
)
def test_a_report_keeps_its_form(values, constraint):
    first = KpiReportFactory()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        KpiReportFactory(company=first.company, period=first.period, **values)
    # A row may break two rules at once; PostgreSQL names one of them.
    assert refused_by(error) in {constraint, "outcomes_submitted_has_time"}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"period": DateRange(date(2026, 1, 1), None)}, "outcomes_period_bounded"),
        ({"period": DateRange(None, date(2026, 1, 1))}, "outcomes_period_bounded"),
        ({"due_on": date(2026, 9, 30)}, "outcomes_due_after_period"),
    ],
)
def test_a_period_keeps_its_form(values, constraint):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ReportingPeriodFactory(**values)
    assert refused_by(error) == constraint


def test_a_figure_is_once_and_not_negative(indicators):
    draft = KpiReportFactory()
    KpiValue.objects.create(report=draft, definition=indicators[0], value=1)
    for value, definition, constraint in (
        (2, indicators[0], "outcomes_value_once"),
        (-1, indicators[1], "outcomes_value_not_negative"),
    ):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            KpiValue.objects.create(report=draft, definition=definition, value=value)
        assert refused_by(error) == constraint


def test_the_walls_between_companies(indicators, company, period):
    own, others = report(company, period), report(CompanyFactory(), period)
    with database_role(Role.FOUNDER, company_ids=[company.pk]):
        assert list(KpiReport.objects.values_list("pk", flat=True)) == [own.pk]
        assert set(KpiValue.objects.values_list("report", flat=True)) == {own.pk}
        assert ReportingPeriod.objects.count() == 1
    for role in (Role.INVESTOR, Role.ADVISER, Role.PUBLIC):
        with pytest.raises(Exception, match="permission denied"), database_role(role):
            KpiReport.objects.count()
    assert others.pk != own.pk
    assert connection.in_atomic_block


# --- pages


def test_the_page_says_what_is_due(indicators, owner, company, period):
    page = owner.get(HOME)
    assert [status.period for status in page.context["due"]] == [period]
    report(company, period)
    assert owner.get(HOME).context["due"] == []


def test_how_a_company_stands_to_a_period(indicators, company):
    periods = ReportingPeriodFactory.create_batch(5)
    report(company, periods[1], submit=False, revenue=1)
    report(company, periods[2])
    report(company, periods[3])
    report(company, periods[3], submit=False, revenue=1)
    services.close_period(period=periods[4], actor=None, now=NOW)
    periods[4].refresh_from_db()

    def states(today):
        found = selectors.statuses_of(periods, KpiReport.objects.filter(company=company), today=today)
        return [status.state for status in found]

    assert states(date(2026, 10, 31)) == ["waiting", "progress", "done", "progress", "refused"]
    assert states(date(2026, 11, 1)) == ["attention", "attention", "done", "progress", "refused"]


def test_the_form_is_filled_with_what_was_said_before(indicators, owner, company, period):
    before = ReportingPeriodFactory(
        period=DateRange(date(2026, 4, 1), date(2026, 7, 1)), due_on=date(2026, 7, 31)
    )
    report(company, before, revenue=777, employees=4)
    form = owner.get(f"{HOME}{period.pk}/").context["form"]
    assert (form["revenue"].initial, form["employees"].initial) == (777, 4)
    assert "777" in form.fields["revenue"].help_text


def test_submitting_on_the_page(indicators, owner, company, period):
    path = f"{HOME}{period.pk}/"
    owner.post(path, {"revenue": "1,000,000", "employees": "", "submit": "no"})
    assert figures(KpiReport.objects.get()) == {"revenue": 1_000_000}

    incomplete = owner.post(path, {"revenue": "1,000,000", "employees": "", "submit": "yes"})
    assert (incomplete.status_code, list(incomplete.context["form"].errors)) == (200, ["employees"])
    assert 'value="1,000,000"' in incomplete.content.decode()

    done = owner.post(path, {"revenue": "1,000,000", "employees": "9", "note": "근거", "submit": "yes"})
    assert done["Location"] == HOME
    submitted = KpiReport.objects.get()
    assert (submitted.state, submitted.note, figures(submitted)) == (
        "submitted",
        "근거",
        {"revenue": 1_000_000, "employees": 9},
    )
    assert owner.get(path).context["submitted"] == [submitted]


@pytest.mark.parametrize(
    "values",
    [
        {"revenue": "-1", "employees": "1"},
        {"revenue": "9" * 400, "employees": "1"},
        {"revenue": "1", "employees": "9" * 400},
        {"revenue": "많이", "employees": "1"},
        {"revenue": "1", "employees": "1", "note": "가" * 500_000},
    ],
)
def test_hostile_figures_are_said_at_their_field(indicators, owner, period, values):
    answer = owner.post(f"{HOME}{period.pk}/", {**values, "submit": "yes"})
    assert (answer.status_code, len(answer.context["form"].errors)) == (200, 1)
    assert KpiReport.objects.count() == 0


def test_a_closed_period_says_so_on_the_page(indicators, owner, company, period):
    services.close_period(period=period, actor=None, now=NOW)
    path = f"{HOME}{period.pk}/"
    assert owner.get(path).status_code == 200
    answer = owner.post(path, {"revenue": "1", "employees": "1", "submit": "yes"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["__all__"])
    assert owner.get(f"{HOME}987654/").status_code == 404


def test_pages_cost_the_same_with_three_rows_as_with_one(indicators, owner, company, period):
    report(company, period)
    path = f"{HOME}{period.pk}/"
    one = cost(owner, HOME), cost(owner, path)
    for _ in range(3):
        report(company, ReportingPeriodFactory())
        report(company, period)
        report(CompanyFactory(), period)
    assert (cost(owner, HOME), cost(owner, path)) == one
    assert max(one) <= 12


# --- API


def post(client, **values):
    return client.post(API, json.dumps(values), content_type="application/json")


def test_the_api_lists_and_makes_what_the_page_does(indicators, owner, company, period):
    report(CompanyFactory(), period)
    made = post(owner, period=period.pk, values={"revenue": 5, "employees": 6})
    assert (made.status_code, made.json()["state"], made.json()["values"]) == (
        201,
        "submitted",
        {"revenue": 5, "employees": 6},
    )
    assert made["Location"].endswith(f"{API}{made.json()['id']}/")
    assert [row["id"] for row in owner.get(API).json()["results"]] == [made.json()["id"]]
    other = KpiReport.objects.exclude(company=company).get()
    assert owner.get(f"{API}{other.pk}/").status_code == 404


def test_the_api_refuses_in_words(indicators, owner, period):
    stranger = CompanyFactory()
    for values, status, code in (
        ({"period": period.pk, "values": {"revenue": 5}}, 400, "figures_missing"),
        ({"period": period.pk, "values": {"revenue": 5, "employees": -1}}, 400, "invalid"),
        ({"period": 987654, "values": {"revenue": 5, "employees": 1}}, 404, "not_found"),
        (
            {"period": period.pk, "company": stranger.pk, "values": {"revenue": 5, "employees": 1}},
            404,
            "not_found",
        ),
        ({}, 400, "invalid"),
    ):
        answer = post(owner, **values)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert KpiReport.objects.count() == 0


def test_the_same_key_gives_the_same_answer_and_writes_once(indicators, owner, period):
    values = {"period": period.pk, "values": {"revenue": 5, "employees": 6}}

    def keyed(key, **given):
        return owner.post(
            API, json.dumps(given), content_type="application/json", headers={"idempotency-key": key}
        )

    first, again = keyed("k-1", **values), keyed("k-1", **values)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again["Location"] == first["Location"]
    assert KpiReport.objects.count() == 1

    other = keyed("k-1", **{**values, "note": "다른 요청"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert keyed("k-2", **values).json()["revision"] == 2
    assert keyed("k" * 201, **values).status_code == 400


def test_a_key_whose_request_was_refused_can_be_used_again(indicators, owner, period):
    def keyed(**given):
        return owner.post(
            API, json.dumps(given), content_type="application/json", headers={"idempotency-key": "k-1"}
        )

    wrong = {"period": period.pk, "values": {"revenue": 5}}
    assert keyed(**wrong).status_code == 400
    assert keyed(**wrong).status_code == 400
    assert keyed(period=period.pk, values={"revenue": 5, "employees": 6}).status_code == 201


def test_two_peoples_keys_do_not_meet(indicators, owner, period):
    other = sign_in(Client(), MembershipFactory().user)
    values = {"period": period.pk, "values": {"revenue": 5, "employees": 6}}
    answers = [
        client.post(
            API, json.dumps(values), content_type="application/json", headers={"idempotency-key": "same"}
        )
        for client in (owner, other)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_staff_read_all_reports_by_api(indicators, company, period):
    report(company, period)
    report(CompanyFactory(), period)
    client = sign_in(Client(), staff_member(StaffGroup.AUDITOR))
    assert len(client.get(API).json()["results"]) == 2
    assert post(client, period=period.pk, values={}).status_code == 403
