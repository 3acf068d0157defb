"""What a job would cost, whether it fits, what it would cost outside, and who used what."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from incubator.accounts.enums import StaffGroup
from incubator.common.display import GFLOP_PER_PFH
from incubator.common.errors import Invalid, NotAllowed
from tenants.compute import market, services
from tenants.compute.errors import MarketPriceTaken
from tenants.compute.fitting import Part, Room, fit
from tenants.compute.models import MarketPrice, Resource
from tenants.compute.selectors import market as prices
from tenants.compute.selectors import who
from tests.factories.accounts import acting, acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import NOW, grant, import_rows, make_pool, sacct_row
from tests.tenants.compute.test_alerts import around

pytestmark = pytest.mark.django_db
HOME, USAGE = "/portal/credits/", "/portal/credits/usage/"
H100, CPU = "gres/gpu:h100", "cpu"


class TestFitting:
    def test_the_first_to_end_pays_first_and_only_for_its_own(self):
        rooms = [Room("a", 100, {H100}), Room("b", 100), Room("c", 100)]
        found = fit(rooms, held=0, need={CPU: 120, H100: 90})
        assert found.parts == (Part(rooms[0], 90, 10), Part(rooms[1], 100, 0), Part(rooms[2], 20, 80))
        assert (found.fits, found.missing, found.left) == (True, 0, 90)

    def test_running_jobs_are_paid_for_before(self):
        found = fit([Room("a", 100), Room("b", 50)], held=120, need={H100: 40})
        assert (found.parts, found.missing, found.left) == ((Part(Room("b", 50), 30, 0),), 10, 0)

    @given(
        rooms=st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([(), (H100,), (CPU,)])), max_size=6),
        held=st.integers(0, 3000),
        need=st.dictionaries(st.sampled_from([H100, CPU]), st.integers(0, 3000)),
    )
    def test_nothing_is_paid_twice_and_nothing_lost(self, rooms, held, need):
        laid = [Room(str(number), free, resources) for number, (free, resources) in enumerate(rooms)]
        found = fit(laid, held=held, need=need)
        paid = sum(part.gflop for part in found.parts)
        assert paid + found.missing == sum(need.values())
        assert paid + found.left == max(sum(room.free for room in laid) - held, 0)
        assert all(part.left >= 0 and part.gflop <= part.room.free for part in found.parts)


class TestMarket:
    def test_won_of_hours(self):
        # 67,000 GFLOP a second for an hour of one H100.
        assert market.won_of(67_000 * 3600, market.Price(67_000, 4_000)) == 4_000
        assert market.won_of(67_000 * 1800, market.Price(67_000, 4_001)) == Fraction(4001, 2)
        assert market.rounded_won([Fraction(4001, 2)]) == 2001
        for unknown in (None, market.Price(None, 1), market.Price(0, 1), market.Price(1, None)):
            assert market.won_of(1, unknown) is None

    @given(
        st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 100)), max_size=5), st.integers(0, 10**12)
    )
    def test_the_own_share_lies_between_the_grants_own(self, parts, krw):
        share = prices.own_share(krw, parts)
        percents = [percent for gflop, percent in parts if gflop] or [0]
        assert krw * min(percents) // 100 <= share <= -(-krw * max(percents) // 100)

    def price(self, krw=4_000, starts_on=date(2026, 1, 1), **values):
        return services.set_market_price(
            **{
                "resource": Resource.objects.get(code=H100),
                "krw_per_hour": krw,
                "starts_on": starts_on,
                "source": "공개 요금표",
                "actor": None,
                "now": NOW,
                **values,
            }
        )

    def test_the_price_in_force_is_the_latest_that_has_begun(self):
        self.price(4_000)
        self.price(3_000, date(2026, 6, 1))
        found = prices.prices_on(None, date(2026, 5, 31))[H100]
        assert found == market.Price(67_000, 4_000, "공개 요금표")
        assert prices.prices_on(None, date(2026, 6, 1))[H100].krw_per_hour == 3_000
        assert prices.prices_on(None, date(2025, 1, 1))[H100].krw_per_hour is None

    def test_who_may_and_what(self):
        self.price()
        with pytest.raises(MarketPriceTaken):
            self.price(1)
        with pytest.raises(NotAllowed):
            self.price(actor=acting_staff(StaffGroup.LEASES), starts_on=date(2026, 2, 1))
        for wrong in ({"krw": 0}, {"krw": 10**9 + 1}, {"source": " "}):
            with pytest.raises(Invalid):
                self.price(starts_on=date(2026, 3, 1), **wrong)
        with pytest.raises(ProgrammingError), transaction.atomic():
            MarketPrice.objects.update(krw_per_hour=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            MarketPrice.objects.create(
                resource=Resource.objects.get(code=CPU),
                krw_per_hour=0,
                starts_on=date(2026, 1, 1),
                source="x",
            )

    def test_a_manager_notes_a_price(self, client):
        sign_in(client, staff_member(StaffGroup.CREDITS))
        form = {
            "resource": Resource.objects.get(code=H100).pk,
            "krw_per_hour": "4000",
            "starts_on": "2026.1.1",
            "source": "x",
        }
        assert client.post("/admin/compute/marketprice/add/", form).status_code == 302
        assert client.post("/admin/compute/marketprice/add/", form).status_code == 200
        price = MarketPrice.objects.get()
        for path in ("", f"{price.pk}/change/"):
            assert client.get(f"/admin/compute/marketprice/{path}").status_code == 200


@pytest.fixture
def company(client):
    """A founder's page today: 100 PF·h in two lots, one for H100 alone with an own share of 20 per cent."""
    now = timezone.now()
    company = CompanyFactory(cluster_account="gj901")
    pool = make_pool(name="now", period=around(now), now=now)
    today = timezone.localdate(now)
    soon = DateRange(pool.period.lower, today + timedelta(days=30))
    grant(
        company,
        10 * GFLOP_PER_PFH,
        pool,
        programme="먼저",
        period=soon,
        resources=[H100],
        own_share_percent=20,
        now=now,
    )
    grant(company, 90 * GFLOP_PER_PFH, pool, programme="나중", period=pool.period, now=now)
    sign_in(client, founder_of(company))
    return company


def text_of(client, path):
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def use(job, account, now, **values):
    submit = int((now - timedelta(days=1)).timestamp())
    import_rows(sacct_row(job, account, submit=submit, **values), now=now)


class TestTheFounder:
    def test_what_would_it_cost_and_does_it_fit(self, client, company):
        TestMarket().price(10_000)
        text = text_of(client, f"{HOME}?kind={H100}&gpus=4&hours=72")
        assert "19.296" in text
        assert "It fits: 80.704 PF·h would be left." in text
        assert text.index('먼저</dt><dd><span class="nowrap">10.000') < text.index("나중</dt>")
        assert "about <b>₩2,880,000</b>" in text
        # 10 of 19.296 PF·h come from the grant with an own share of 20 per cent.
        assert "Your own share of that would be ₩298,507." in text

    def test_running_jobs_count(self, client, company):
        now = timezone.now()
        # 100 GPUs for an hour by its limit: 6.7 PF·h.
        use(1, "gj901", now, units=f"{H100}=1360", seconds=60, state="RUNNING", end="Unknown", limit="60")
        text = text_of(client, f"{HOME}?kind={H100}&gpus=4&hours=72")
        assert "91.120 PF·h are kept for the jobs that run now." in text
        assert "10.416 PF·h are missing." in text

    def test_what_is_held_aside_is_not_free(self, client, company):
        now = timezone.now()
        services.place_hold(
            allocation=company.allocations.get(programme="나중"),
            amount_gflop=85 * GFLOP_PER_PFH,
            reason="moved soon",
            key="hold",
            until=now + timedelta(days=1),
            actor=None,
            now=now,
        )
        text = text_of(client, f"{HOME}?kind={H100}&gpus=4&hours=72")
        assert "4.296 PF·h are missing." in text

    def test_another_kind_of_gpu_is_paid_by_the_other_grant_alone(self, client, company):
        text = text_of(client, f"{HOME}?kind=gres/gpu:a100&gpus=1000&hours=5")
        assert "7.500 PF·h are missing." in text
        assert "먼저</dt>" not in text
        assert "error" in text_of(client, f"{HOME}?kind=gres/gpu:none&gpus=1&hours=1")

    def test_who_used_what_and_what_was_lost(self, client, company):
        now = timezone.now()
        TestMarket().price(10_000)
        use(1, "gj901", now, user="minji", units=f"{H100}=2", seconds=3600)
        use(2, "gj901", now, user="minji", units=f"{H100}=4", seconds=1800, state="FAILED")
        use(3, "gj901", now, user="jiho", units=f"{H100}=1", seconds=7200, state="TIMEOUT")
        use(4, "gj901", now, user="jiho", units=f"{H100}=8", seconds=900, state="CANCELLED by 1004")
        found = used_by(company)
        assert {use.name: (use.jobs, use.gpu_hours, use.failed_gpu_hours) for use in found.people} == {
            "minji": (2, Decimal(4), Decimal(2)),
            "jiho": (2, Decimal(4), Decimal(2)),
        }
        assert {use.name: use.gpu_hours for use in found.failed} == {"FAILED": 2, "TIMEOUT": 2}
        assert found.total.gflop == 8 * 3600 * 67_000
        assert found.market.krw == 80_000
        text = text_of(client, USAGE)
        assert "would have cost about ₩80,000." in text
        assert "Your own share of it, as your grants say, is ₩16,000." in text

    def test_a_warning_as_long_as_it_is_true(self, client, company):
        now = timezone.now()
        # 82 PF·h of 100.
        use(1, "gj901", now, units=f"{H100}=1000", seconds=4406)
        assert "80% of your compute credits are used" in text_of(client, HOME)
        grant(company, 300 * GFLOP_PER_PFH, company.allocations.first().pool, period=around(now), now=now)
        assert "of your compute credits are used<" not in text_of(client, HOME)

    def test_a_late_import_is_said(self, client, company):
        now = timezone.now()
        for path in (HOME, USAGE):
            assert "more than a day" not in text_of(client, path)
        import_rows(now=now - timedelta(days=1, minutes=1))
        for path in (HOME, USAGE):
            assert "more than a day" in text_of(client, path)
        import_rows(now=now)
        for path in (HOME, USAGE):
            assert "more than a day" not in text_of(client, path)


def used_by(company):
    founder = acting(founder_of(company), "founder", company.pk)
    return who.who_used(founder, timezone.localdate())
