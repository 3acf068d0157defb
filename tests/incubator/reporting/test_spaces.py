"""The managers' pages of occupancy and of waived amounts."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from incubator.common.periods import days
from incubator.reporting import selectors
from incubator.reporting.inbox import Inbox, with_shortfall
from tenants.leases.enums import LeaseState
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.leases import LeaseFactory, RateFactory, SpaceFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
OCCUPANCY, WAIVED = "/admin/reporting/occupancy/", "/admin/reporting/waived/"
TODAY = timezone.localdate()


@pytest.fixture
def client() -> Client:
    return sign_in(Client(headers={"accept-language": "en"}), staff_member("leases"))


def let(space, first: date, last: date, **values):
    RateFactory(space=space)
    return LeaseFactory(space=space, period=days(first, last), **{"state": LeaseState.ENDED, **values})


def rows(answer) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


class TestWaived:
    def test_the_tables_add_up_to_the_same(self, client: Client) -> None:
        space, other = SpaceFactory(area_m2=Decimal("10.00")), SpaceFactory(area_m2=Decimal("33.33"))
        let(space, date(2024, 12, 1), date(2025, 2, 14), programme="가")
        let(other, date(2025, 1, 15), date(2025, 3, 31), programme="나")
        window = "?from=2024-01-01&to=2025-12-31"
        totals = []
        for name in ("years", "programmes", "companies", "leases"):
            table = rows(client.get(f"{WAIVED}{name}.csv{window}"))
            body, total = table[1:-1], table[-1]
            place = next(at for at, head in enumerate(table[0]) if head.startswith("Waived rent"))
            for column in (place, place + 1, place + 2):
                assert sum(int(row[column]) for row in body) == int(total[column]) > 0
            totals.append(total[place : place + 3])
        assert len({tuple(each) for each in totals}) == 1
        page = client.get(WAIVED + window).content.decode()
        assert f"{int(totals[0][2]):,}" in page
        book = load_workbook(BytesIO(client.get(f"{WAIVED}leases.xlsx{window}").content))
        assert book.active.max_row == 4

    def test_a_day_without_a_rate_is_named_and_never_zero(self, client: Client) -> None:
        space = SpaceFactory(code="408")
        RateFactory(space=space, period=DateRange(None, date(2025, 2, 10)))
        RateFactory(space=space, period=DateRange(date(2025, 2, 12), None))
        LeaseFactory(
            space=space, period=days(date(2025, 1, 1), date(2025, 3, 31)), company=CompanyFactory(name="빈날")
        )
        let(SpaceFactory(), date(2025, 1, 1), date(2025, 1, 31))
        page = client.get(WAIVED + "?from=2025-01-01&to=2025-12-31").content.decode()
        assert "408" in page
        assert "빈날" in page
        assert "10 Feb 2025 – 11 Feb 2025" in page
        assert "At least" in page
        [_head, year, total] = rows(client.get(f"{WAIVED}years.csv?from=2025-01-01&to=2025-12-31"))
        known = str(33 * 8_200 + 33 * 3_400)
        assert year[2:] == ["", "", "", known]
        assert total[2:] == ["", "", "", known]
        with pytest.raises(CommandError) as refusal:
            call_command("waived", "--from", "2025-01-01", "--to", "2025-12-31", stderr=(said := StringIO()))
        assert refusal.value.returncode == 1
        assert "408: no rate is known for 2025-02-10 – 2025-02-11" in said.getvalue()

    @pytest.mark.parametrize(
        "window", ["?from=2026-13-01", "?from=2026-02-01&to=2026-01-01", "?from=1066-10-14", "?to=9999-12-31"]
    )
    def test_nonsense_is_said_and_does_no_harm(self, window: str, client: Client) -> None:
        page = client.get(WAIVED + window)
        assert page.status_code == 200
        assert 'class="notice notice-danger"' in page.content.decode()
        assert client.get(f"{WAIVED}nothing.csv").status_code == 404
        assert client.get(f"{WAIVED}years.pdf").status_code == 404


class TestOccupancy:
    def test_the_days_add_up_to_the_months(self, client: Client) -> None:
        space = SpaceFactory(area_m2=Decimal(30))
        SpaceFactory(area_m2=Decimal(10))
        let(space, date(2025, 1, 11), date(2025, 2, 14))
        window = "?from=2025-01-01&to=2025-02-28"
        by_day = rows(client.get(f"{OCCUPANCY}days.csv{window}"))
        assert len(by_day) == 1 + 59
        assert by_day[11][:3] == ["2025-01-11", "30.00", "40.00"]
        [_head, january, february] = rows(client.get(f"{OCCUPANCY}months.csv{window}"))
        assert (january[1], january[4], february[4]) == ("31", "20.32", "15.00")
        page = client.get(OCCUPANCY + window).content.decode()
        assert "0% of the area is let today" in page
        assert "Vacancies to come" in page

    def test_one_building_alone(self, client: Client) -> None:
        one, two = SpaceFactory(), SpaceFactory()
        let(one, TODAY, TODAY, state=LeaseState.ACTIVE)
        assert "100% of the area" in client.get(f"{OCCUPANCY}?building={one.building_id}").content.decode()
        assert ">0% of the area" in client.get(f"{OCCUPANCY}?building={two.building_id}").content.decode()
        assert client.get(f"{OCCUPANCY}?building=x").status_code == 200

    def test_the_warning_comes_before_it_happens(self, client: Client) -> None:
        let(SpaceFactory(), TODAY - timedelta(days=9), TODAY + timedelta(days=59), state=LeaseState.ACTIVE)
        page = client.get(OCCUPANCY).content.decode()
        assert "less than 60% of the area would be let" in page
        office = client.get(reverse("admin:index")).content.decode()
        assert OCCUPANCY in office
        assert "less than 60% of the area would be let" in office
        consulting = sign_in(Client(headers={"accept-language": "en"}), staff_member("consulting"))
        assert "would be let" not in consulting.get(reverse("admin:index")).content.decode()

    def test_an_empty_camp(self, client: Client) -> None:
        for page in (OCCUPANCY, WAIVED):
            assert client.get(page).status_code == 200


def test_the_inbox_counts_the_warning_first() -> None:
    let(SpaceFactory(), TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    found = selectors.outlook(TODAY)
    assert found.warning is not None
    user = acting_staff("leases")
    inbox = with_shortfall(Inbox([], []), user, found.warning, TODAY)
    assert (inbox.total, inbox.hidden, inbox.entries[0].mark) == (1, 0, "attention")
    assert with_shortfall(Inbox([], []), user, None, TODAY).total == 0


def test_the_pages_cost_the_same_however_many_leases() -> None:
    client = sign_in(Client(), staff_member())
    floor = SpaceFactory().floor
    pages = [
        OCCUPANCY,
        WAIVED,
        reverse("admin:leases_space_plan", args=[floor.pk]),
        reverse("admin:leases_space_changelist"),
    ]

    def one() -> None:
        let(
            SpaceFactory(floor=floor),
            TODAY - timedelta(days=50),
            TODAY + timedelta(days=50),
            state=LeaseState.ACTIVE,
        )

    one()
    before = [cost(client, page) for page in pages]
    one()
    one()
    assert [cost(client, page) for page in pages] == before
    assert max(before) <= 12
