"""Credits kept aside, silent jobs, and debts paid from grants."""

from datetime import timedelta

import pytest

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from tenants.compute import errors, services
from tenants.compute.checking import check_ledger
from tenants.compute.models import CreditAccount, CreditHold, JobHold
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory
from tests.factories.compute import NOW, grant, import_rows, sacct_row

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JOB = 8_000


@pytest.fixture
def company():
    return CompanyFactory(cluster_account="gj901")


@pytest.fixture
def lot(company):
    return grant(company, 10_000)


@pytest.fixture(autouse=True)
def ledger_stays_sound():
    yield
    assert check_ledger().broken == {}


def hold(lot, amount=6_000, **values):
    given = {"until": NOW + DAY, "reason": "4 × H100", "actor": None, "now": NOW, **values}
    return services.place_hold(allocation=lot, amount_gflop=amount, **given)


def held(lot):
    return CreditAccount.objects.get(pk=lot.account_id).held_gflop


class TestHolds:
    def test_what_is_held_is_not_taken_back(self, lot):
        placed = hold(lot)
        with pytest.raises(errors.HeldBack):
            services.claw_back(allocation=lot, amount_gflop=4_001, reason="x", actor=None, now=NOW)
        services.claw_back(allocation=lot, amount_gflop=4_000, reason="x", actor=None, now=NOW)
        services.release_hold(hold=placed, actor=None, now=NOW)
        services.claw_back(allocation=lot, amount_gflop=6_000, reason="x", actor=None, now=NOW)

    def test_no_more_is_held_than_there_is(self, lot):
        hold(lot)
        with pytest.raises(errors.NotEnoughCredits):
            hold(lot, 4_001)
        hold(lot, 4_000)
        assert held(lot) == 10_000

    def test_usage_is_paid_for_all_the_same(self, lot):
        hold(lot, 10_000)
        import_rows(sacct_row(1, "gj901"))
        lot.account.refresh_from_db()
        assert (lot.account.balance_gflop, lot.account.held_gflop) == (2_000, 10_000)

    def test_a_hold_ends_once(self, lot):
        placed = hold(lot)
        services.release_hold(hold=placed, actor=None, now=NOW)
        with pytest.raises(errors.AlreadyResolved):
            services.release_hold(hold=placed, actor=None, now=NOW)
        assert services.expire_holds(now=NOW + 2 * DAY) == 0
        assert held(lot) == 0

    def test_a_hold_times_out(self, lot):
        placed = hold(lot)
        assert services.expire_holds(now=NOW + DAY - timedelta(seconds=1)) == 0
        assert services.expire_holds(now=NOW + DAY) == 1
        placed.refresh_from_db()
        assert (placed.outcome, placed.resolved_at, held(lot)) == ("expired", NOW + DAY, 0)
        assert services.expire_holds(now=NOW + DAY) == 0

    def test_a_key_holds_once(self, lot):
        assert hold(lot, key="k") == hold(lot, key="k")
        with pytest.raises(errors.IdempotencyConflict):
            hold(lot, 5_999, key="k")
        assert CreditHold.objects.count() == 1

    def test_what_cannot_be_held(self, lot):
        for values, error in (
            ({"amount": 0}, errors.AmountNotPositive),
            ({"until": NOW}, errors.HoldTooLong),
            ({"until": NOW + 31 * DAY}, errors.HoldTooLong),
            ({"reason": " "}, errors.ReasonMissing),
            ({"actor": acting_staff(StaffGroup.LEASES)}, NotAllowed),
        ):
            with pytest.raises(error):
                hold(lot, **values)


class TestSilentJobs:
    def test_a_job_of_which_nothing_is_heard_is_held_no_longer(self, company):
        row = sacct_row(1, "gj901", state="RUNNING", end="Unknown")
        import_rows(row)
        assert services.expire_holds(now=NOW + 7 * DAY) == 0
        assert services.expire_holds(now=NOW + 8 * DAY) == 1
        assert check_ledger().held_jobs == 0
        import_rows(row, now=NOW + 9 * DAY)
        assert (check_ledger().held_jobs, JobHold.objects.count()) == (1, 2)
        import_rows(sacct_row(1, "gj901"), now=NOW + 10 * DAY)
        assert (check_ledger().held_jobs, check_ledger().charged) == (0, {"gj901": JOB})


class TestSettling:
    def debt(self, company):
        return CreditAccount.objects.get(code=f"debt:{company.business_number}").balance_gflop

    def test_a_grant_pays_an_older_debt(self, company):
        import_rows(sacct_row(1, "gj901"))
        lot = grant(company, 10_000)
        settled = services.settle_debt(allocation=lot, reason="agreed", actor=None, now=NOW)
        lot.account.refresh_from_db()
        assert (settled.amount_gflop, self.debt(company), lot.account.balance_gflop) == (JOB, 0, 2_000)
        with pytest.raises(errors.AmountNotPositive):
            services.settle_debt(allocation=lot, reason="again", actor=None, now=NOW)

    def test_never_more_than_is_there_or_owed_or_free(self, company):
        import_rows(sacct_row(1, "gj901"))
        small = grant(company, 3_000)
        hold(small, 1_000)
        assert services.settle_debt(allocation=small, reason="x", actor=None, now=NOW).amount_gflop == 2_000
        large = grant(company, 10**6)
        with pytest.raises(errors.NotEnoughCredits):
            services.settle_debt(allocation=large, reason="x", actor=None, now=NOW, amount_gflop=6_001)
        with pytest.raises(errors.HeldBack):
            services.settle_debt(allocation=small, reason="x", actor=None, now=NOW, amount_gflop=500)

    def test_where_there_is_no_debt(self, lot):
        with pytest.raises(errors.AmountNotPositive):
            services.settle_debt(allocation=lot, reason="x", actor=None, now=NOW)
