"""Matching in numbers: figures equal their lists, shares are told of enough cases only, and the public page names nobody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.reporting import matching, public
from investors.matching.models import IntroductionStep, Investment
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.firms import FirmFactory
from tests.factories.matching import IntroductionFactory, MatchFactory, MatchRunFactory
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db

DAY = timezone.localdate()


def introduced(*states: str, score: int = 5000, days: int = 2, **values: Any) -> Any:
    """An introduction that came through these states, `days` apart, and is in the last."""
    match = MatchFactory(score=score, **values)
    found = IntroductionFactory(
        match=match, state=states[-1], pass_reason="sector" if "passed" in states else ""
    )
    for at, state in enumerate(states):
        IntroductionStep.objects.create(
            introduction=found,
            company=found.company,
            firm=found.firm,
            state=state,
            happened_on=DAY + timedelta(days=at * days),
            recorded_at=timezone.now(),
        )
    return found


def invest(introduction: Any, amount: int, **values: Any) -> Investment:
    return Investment.objects.create(
        introduction=introduction,
        company=introduction.company,
        firm=introduction.firm,
        invested_on=DAY,
        funding_round="seed",
        amount_krw=amount,
        recorded_at=timezone.now(),
        **values,
    )


def read() -> matching.Reading:
    return matching.read(acting_staff(StaffGroup.MATCHING))


@pytest.fixture
def camp() -> None:
    MatchFactory()
    MatchFactory(state="dismissed", published=False, decision_reason="x")
    MatchFactory(run=MatchRunFactory())  # a draft's
    introduced("asked", "declined")
    introduced("asked", "consented", "sent", "passed")
    # Met without having been told by the page: who came to one has come past those before it.
    money = introduced("asked", "consented", "met", "invested")
    invest(money, 300_000_000)
    invest(introduced("asked", "consented", "sent"), 1, taken_back_at=timezone.now(), taken_back_reason="x")
    IntroductionFactory(match=None, company=CompanyFactory(), firm=FirmFactory())


def test_the_funnel_counts_each_pair_once_and_every_table_adds_up(camp: None) -> None:
    reading = read()
    whole = matching.funnel(reading.pairs)
    assert whole == [5, 5, 3, 3, 1, 1, 1, 1, 1]
    for name in ("runs", "firms", "companies", "pairs"):
        table = matching.TABLES[name](reading)
        assert table.total is not None
        figures = [list(line.values[-9:]) for line in table.lines]
        assert [sum(column) for column in zip(*figures, strict=True)] == whole == list(table.total[-9:])
    for name in ("rounds", "months", "investments"):
        table = matching.TABLES[name](reading)
        assert table.total is not None
        assert sum(line.values[-1] for line in table.lines) == table.total[-1] == 300_000_000
    passes = matching.passes_table(reading)
    assert passes.total is not None
    assert sum(line.values[1] for line in passes.lines) == passes.total[1] == whole[-1]


def test_a_line_of_a_funnel_leads_to_the_pairs_that_add_up_to_it(camp: None) -> None:
    client = sign_in(Client(), staff_member(StaffGroup.MATCHING))
    for line in matching.companies_table(read()).lines:
        (table,) = client.get(line.url).context["tables"]
        assert list(table.total[-9:]) == list(line.values[1:])
    nothing = client.get("/admin/reporting/matching/pairs/?company=9999999").context["tables"][0]
    assert nothing.lines == []


def test_times_are_told_of_enough_stays_only() -> None:
    for days in (1, 2, 3, 4):
        introduced("asked", "consented", days=days)
    assert matching.times_table(read()).lines[0].values[1:4] == [4, None, None]
    introduced("asked", "consented", days=100)
    assert matching.times_table(read()).lines[0].values[1:4] == [5, 3, 100]


def test_hits_stay_untold_below_ten_companies_and_are_compared_with_chance() -> None:
    for _each in range(matching.LEAST_COMPANIES):
        company = CompanyFactory(visible_to_investors=True)
        introduced("asked", "consented", "sent", "continuing", score=9000, company=company)
        assert matching.hits(read())[0].score is None
        introduced("asked", "consented", "sent", "passed", score=1000, company=company)
    first = matching.hits(read())[0]
    assert (first.companies, first.score, first.chance) == (10, Decimal(100), Decimal(50))
    bands = matching.bands_table(read())
    assert [line.values[1:4] for line in bands.lines] == [[10, 0, Decimal(0)], [10, 10, Decimal(100)]]
    assert bands.total is not None
    assert bands.total[1:4] == [20, 10, Decimal(50)]


def test_gini() -> None:
    assert matching.gini([]) is None
    assert matching.gini([0, 0]) is None
    assert matching.gini([3, 3, 3]) == 0
    assert matching.gini([0, 0, 0, 8]) == Decimal("0.75")


@pytest.mark.parametrize("part", matching.PARTS)
def test_pages_cost_the_same_for_more_rows(part: str) -> None:
    client = sign_in(Client(), staff_member(StaffGroup.MATCHING))
    address = f"/admin/reporting/matching/{part}/"
    client.get(address)
    costs = []
    for _round in range(2):
        invest(introduced("asked", "consented", "sent", "met", "invested"), 5)
        costs.append(statements(lambda: client.get(address)))
        invest(introduced("asked", "consented", "sent", "passed"), 5)
    assert costs[0] == costs[1]
    assert costs[0] <= 15


def test_files_say_what_the_page_says(camp: None) -> None:
    client = sign_in(Client(), staff_member(StaffGroup.MATCHING))
    rows = client.get("/admin/reporting/matching/pairs.csv").content.decode().splitlines()
    assert rows[-1].endswith("5,5,3,3,1,1,1,1,1")
    assert client.get("/admin/reporting/matching/pairs.xlsx").status_code == 200
    assert client.get("/admin/reporting/matching/nothing.csv").status_code == 404
    assert client.get("/admin/reporting/matching/nothing/").status_code == 404


def test_the_public_page_tells_no_figure_of_fewer_than_three_companies() -> None:
    for amount in (123_456_789, 223_456_789):
        invest(introduced("asked", "consented", "sent", "met", "invested"), amount)
    two = public.count(read())
    assert (two.companies, two.introductions, two.meetings, two.amount_krw) == (None,) * 4
    invest(introduced("asked", "consented", "sent", "met", "invested"), 100)
    three = public.count(read())
    assert (three.companies, three.introductions, three.meetings, three.investments) == (3,) * 4
    assert three.amount_krw == 300_000_000
    with CaptureQueriesContext(connection):
        page = Client().get("/numbers/").content.decode()
    assert "무등인공지능" not in page
    assert "광주벤처투자" not in page
