"""The ledger: what the database refuses, and what the services do with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import Invalid, NotAllowed
from tenants.compute import errors, services
from tenants.compute.checking import check_ledger
from tenants.compute.enums import AccountKind, TransferKind
from tenants.compute.models import (
    Allocation,
    CreditAccount,
    JobHold,
    Pool,
    Resource,
    ResourceRate,
    Transfer,
    UsageDay,
    UsageRecord,
)
from tenants.compute.services import Posting
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import NOW, YEAR, grant, import_rows, make_pool, sacct_row

pytestmark = pytest.mark.django_db

P = 1_000_000


def balance(account: CreditAccount) -> int:
    return CreditAccount.objects.get(pk=account.pk).balance_gflop


def supply() -> CreditAccount:
    return CreditAccount.objects.get(code="supply")


def refused(attempt: Callable[[], object]) -> None:
    with pytest.raises(ProgrammingError, match=r"Cannot [a-z ]+ rows from compute_"), transaction.atomic():
        attempt()


def raw_delete(model: type[Model]) -> None:
    """Past Django's own protection of what others point to."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")


def posting(debit: CreditAccount, credit: CreditAccount, **values) -> Posting:
    return Posting(
        **{
            "key": "k",
            "kind": TransferKind.SUPPLY,
            "amount_gflop": 5,
            "debit": debit.pk,
            "credit": credit.pk,
            "reason": "test",
            "effective_at": NOW,
            **values,
        }
    )


class TestDatabase:
    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"amount_gflop": 0}, "compute_transfer_amount_positive"),
            ({"amount_gflop": -1}, "compute_transfer_amount_positive"),
            ({"reason": "  "}, "compute_transfer_reason_not_empty"),
            ({"kind": "gift"}, "compute_transfer_kind_known"),
            ({"kind": "reversal"}, "compute_transfer_reversal_names_it"),
        ],
    )
    def test_refuses_an_unsound_transfer(self, values, constraint):
        pool = make_pool(P)
        with pytest.raises(IntegrityError, match=constraint):
            services.post_transfers([posting(supply(), pool.account, **values)], actor=None, now=NOW)

    def test_refuses_a_transfer_to_the_same_account(self):
        make_pool(P)
        with pytest.raises(IntegrityError, match="compute_transfer_two_accounts"):
            services.post_transfers([posting(supply(), supply())], actor=None, now=NOW)

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"kind": AccountKind.POOL, "may_overdraw": True}, "compute_account_overdraw_kinds"),
            ({"kind": "purse"}, "compute_account_kind_known"),
            ({"kind": AccountKind.LOT}, "compute_account_has_company"),
            ({"kind": AccountKind.DEBT, "may_overdraw": True}, "compute_account_has_company"),
        ],
    )
    def test_refuses_an_unsound_account(self, values, constraint):
        with pytest.raises(IntegrityError, match=constraint):
            CreditAccount.objects.create(code="x", **values)

    def test_never_changes_or_deletes_a_transfer(self):
        make_pool(P)
        refused(lambda: Transfer.objects.update(amount_gflop=7))
        refused(lambda: raw_delete(Transfer))
        assert Transfer.objects.get().amount_gflop == P

    def test_moves_a_balance_by_transfers_alone(self):
        pool = make_pool(P)
        refused(lambda: CreditAccount.objects.update(balance_gflop=7))
        refused(lambda: CreditAccount.objects.update(may_overdraw=True))
        refused(lambda: CreditAccount.objects.create(code="rich", kind=AccountKind.POOL, balance_gflop=7))
        refused(lambda: raw_delete(CreditAccount))
        assert balance(pool.account) == P

    def test_keeps_usage_by_day_out_of_hands(self):
        import_rows(sacct_row(1, "gj901"))
        refused(lambda: UsageDay.objects.update(gflop=0))
        refused(lambda: raw_delete(UsageDay))
        assert UsageDay.objects.get().gflop == 8_000

    @pytest.mark.parametrize(
        "change",
        [{"charge_gflop": 1}, {"state": "FAILED"}, {"is_current": True}, {"is_current": False, "user": "x"}],
    )
    def test_keeps_records_as_they_were_written(self, change):
        import_rows(sacct_row(1, "gj901"))
        refused(lambda: UsageRecord.objects.update(**change))
        refused(lambda: raw_delete(UsageRecord))

    def test_resolves_a_hold_once(self):
        import_rows(sacct_row(1, "gj901", state="RUNNING", end="Unknown"))
        import_rows(sacct_row(1, "gj901"))
        refused(lambda: JobHold.objects.update(resolved_at=None))

    @pytest.mark.parametrize(
        "change", [{"gflops": 1}, {"source": "x"}, {"period": DateRange(date(2020, 1, 1), None)}]
    )
    def test_edits_no_rate(self, change):
        refused(lambda: ResourceRate.objects.update(**change))

    def test_has_one_rate_a_day(self):
        resource = Resource.objects.get(code="cpu")
        with pytest.raises(IntegrityError, match="compute_one_rate_a_day"):
            ResourceRate.objects.create(resource=resource, gflops=1, source="x", period=YEAR)


class TestPosting:
    def test_the_same_key_and_content_is_written_once(self):
        pool = make_pool(P)
        [first] = services.post_transfers([posting(supply(), pool.account)], actor=None, now=NOW)
        [again] = services.post_transfers([posting(supply(), pool.account)], actor=None, now=NOW)
        assert (again, balance(pool.account)) == (first, P + 5)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount_gflop": 6},
            {"reason": "other"},
            {"kind": TransferKind.GRANT},
            {"effective_at": datetime(2026, 1, 1, tzinfo=UTC)},
        ],
    )
    def test_the_same_key_with_other_content_is_refused(self, change):
        pool = make_pool(P)
        services.post_transfers([posting(supply(), pool.account)], actor=None, now=NOW)
        with pytest.raises(errors.IdempotencyConflict):
            services.post_transfers([posting(supply(), pool.account, **change)], actor=None, now=NOW)
        assert balance(pool.account) == P + 5

    def test_all_or_none(self):
        pool, other = make_pool(P), make_pool(P, name="2027")
        with pytest.raises(errors.NotEnoughCredits):
            services.post_transfers(
                [
                    posting(pool.account, other.account, key="a"),
                    posting(pool.account, other.account, key="b", amount_gflop=P),
                ],
                actor=None,
                now=NOW,
            )
        assert (balance(pool.account), balance(other.account)) == (P, P)

    def test_an_overdraft_within_one_posting_that_evens_out_is_none(self):
        pool, other = make_pool(10), make_pool(10, name="2027")
        services.post_transfers(
            [
                posting(pool.account, other.account, key="a", amount_gflop=15),
                posting(other.account, pool.account, key="b", amount_gflop=6),
            ],
            actor=None,
            now=NOW,
        )
        assert (balance(pool.account), balance(other.account)) == (1, 19)


class TestGrants:
    def test_a_grant_moves_credits_out_of_the_pool_into_a_lot(self):
        lot = grant(CompanyFactory(), 300_000)
        assert (balance(lot.pool.account), balance(lot.account)) == (
            lot.pool.capacity_gflop - 300_000,
            300_000,
        )
        assert supply().balance_gflop == -lot.pool.capacity_gflop
        assert check_ledger().broken == {}

    def test_a_grant_beyond_the_pool_is_refused_in_words(self):
        pool = make_pool(3_600_000_000)
        with pytest.raises(errors.PoolExhausted) as refusal:
            grant(CompanyFactory(), 3_600_000_001, pool)
        assert "1.000 PF·h" in str(refusal.value)
        assert (Allocation.objects.count(), balance(pool.account)) == (0, 3_600_000_000)

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ({"amount_gflop": 0}, errors.AmountNotPositive),
            ({"amount_gflop": -5}, errors.AmountNotPositive),
            ({"amount_gflop": 2**70}, errors.NotEnoughCredits),
            ({"reason": " "}, errors.ReasonMissing),
            ({"period": DateRange(date(2025, 12, 31), date(2026, 2, 1))}, errors.OutsidePool),
            ({"period": DateRange(date(2026, 2, 1), date(2027, 1, 2))}, errors.OutsidePool),
            ({"period": DateRange(date(2026, 2, 1), None)}, errors.WrongPeriod),
            ({"period": DateRange(empty=True)}, errors.WrongPeriod),
            ({"resources": ["gres/gpu:b999"]}, errors.UnknownResource),
            ({"own_share_percent": 101}, Invalid),
            ({"programme": ""}, Invalid),
        ],
    )
    def test_what_a_grant_must_say(self, values, refusal):
        make_pool()
        values = {"amount_gflop": 1, **values}
        with pytest.raises(refusal):
            grant(CompanyFactory(), **values)
        assert Allocation.objects.count() == 0

    def test_one_key_is_one_grant(self):
        company = CompanyFactory()
        first = grant(company, 10, key="round-1")
        assert grant(company, 10, key="round-1") == first
        with pytest.raises(errors.IdempotencyConflict):
            grant(company, 11, key="round-1")

    def test_a_pool_is_named_once(self):
        make_pool()
        with pytest.raises(errors.PoolNameTaken):
            make_pool()
        assert Pool.objects.count() == 1

    def test_unused_credits_go_back_to_the_pool(self):
        company = CompanyFactory(cluster_account="gj901")
        lot = grant(company, 10_000)
        import_rows(sacct_row(1, "gj901"))
        services.claw_back(allocation=lot, reason="unused", actor=None, now=NOW)
        lot.refresh_from_db()
        assert (lot.state, lot.taken_back_gflop, lot.net_gflop) == ("closed", 2_000, 8_000)
        assert balance(lot.pool.account) == lot.pool.capacity_gflop - 8_000
        with pytest.raises(errors.NotEnoughCredits):
            services.claw_back(allocation=lot, reason="again", actor=None, now=NOW)
        assert check_ledger().broken == {}

    def test_no_more_than_is_left_is_taken_back(self):
        lot = grant(CompanyFactory(), 10)
        with pytest.raises(errors.NotEnoughCredits):
            services.claw_back(allocation=lot, amount_gflop=11, reason="x", actor=None, now=NOW)


class TestReversal:
    def test_a_grant_is_reversed_once(self):
        lot = grant(CompanyFactory(), 10)
        transfer = Transfer.objects.get(credit=lot.account)
        reversal = services.reverse_transfer(transfer=transfer, reason="mistake", actor=None, now=NOW)
        lot.refresh_from_db()
        assert (reversal.reverses, reversal.debit, reversal.credit) == (
            transfer,
            transfer.credit,
            transfer.debit,
        )
        assert (lot.state, balance(lot.account), balance(lot.pool.account)) == (
            "closed",
            0,
            lot.pool.capacity_gflop,
        )
        with pytest.raises(errors.AlreadyReversed):
            services.reverse_transfer(transfer=transfer, reason="again", actor=None, now=NOW)
        with pytest.raises(errors.NotReversible):
            services.reverse_transfer(transfer=reversal, reason="back", actor=None, now=NOW)
        assert check_ledger().broken == {}

    def test_what_has_been_spent_cannot_be_taken_back(self):
        lot = grant(CompanyFactory(cluster_account="gj901"), 10_000)
        import_rows(sacct_row(1, "gj901"))
        transfer = Transfer.objects.get(credit=lot.account, kind=TransferKind.GRANT)
        with pytest.raises(errors.NotEnoughCredits):
            services.reverse_transfer(transfer=transfer, reason="mistake", actor=None, now=NOW)

    def test_usage_is_never_reversed_by_hand(self):
        import_rows(sacct_row(1, "nobody"))
        with pytest.raises(errors.NotReversible):
            services.reverse_transfer(transfer=Transfer.objects.get(), reason="x", actor=None, now=NOW)


class TestRates:
    def test_a_new_rate_ends_the_one_before_it(self):
        resource = Resource.objects.get(code="cpu")
        new = services.set_rate(
            resource=resource, gflops=50, starts_on=date(2026, 12, 1), source="measured", actor=None, now=NOW
        )
        old = resource.rates.exclude(pk=new.pk).get()
        assert (old.gflops, old.period.upper, new.period.lower) == (40, date(2026, 12, 1), date(2026, 12, 1))
        cost = [
            services.estimate_cost(units={"cpu": 2}, seconds=10, on=date(2026, month, 30))
            for month in (11, 12)
        ]
        assert [charge.total_gflop for charge in cost] == [800, 1_000]

    def test_no_rate_begins_where_usage_has_been_charged(self):
        import_rows(sacct_row(1, "nobody"))
        values = {"gflops": 50, "source": "x", "actor": None, "now": NOW}
        with pytest.raises(errors.RateInThePast):
            services.set_rate(
                resource=Resource.objects.get(code="cpu"), starts_on=date(2026, 11, 20), **values
            )
        services.set_rate(
            resource=Resource.objects.get(code="gres/gpu:h100"), starts_on=date(2026, 11, 20), **values
        )
        assert check_ledger().broken == {}

    def test_a_later_rate_stands(self):
        values = {"resource": Resource.objects.get(code="cpu"), "source": "x", "actor": None, "now": NOW}
        services.set_rate(gflops=50, starts_on=date(2027, 6, 1), **values)
        with pytest.raises(errors.RateOverlaps):
            services.set_rate(gflops=60, starts_on=date(2027, 1, 1), **values)


class TestWhoMayWrite:
    @pytest.mark.parametrize("group", [StaffGroup.LEASES, StaffGroup.MATCHING, StaffGroup.AUDITOR])
    def test_staff_of_other_groups_may_not(self, group):
        self.all_refused(acting_staff(group))

    def test_founders_may_not(self):
        self.all_refused(founder_of(CompanyFactory()))

    @pytest.mark.parametrize("group", [StaffGroup.CREDITS, StaffGroup.DIRECTOR])
    def test_the_credits_group_and_directors_may(self, group):
        actor = acting_staff(group)
        lot = grant(CompanyFactory(), 10, make_pool(actor=actor), actor=actor)
        assert lot.granted_by == actor

    def all_refused(self, actor):
        pool = make_pool()
        lot = grant(CompanyFactory(), 10)
        who = {"actor": actor, "now": NOW, "reason": "x"}
        for attempt in (
            lambda: make_pool(name="2027", actor=actor),
            lambda: grant(lot.company, 1, pool, actor=actor),
            lambda: services.claw_back(allocation=lot, **who),
            lambda: services.reverse_transfer(transfer=Transfer.objects.first(), **who),
            lambda: import_rows(sacct_row(1, "x"), actor=actor),
            lambda: services.set_rate(
                resource=Resource.objects.first(),
                gflops=1,
                starts_on=date(2027, 1, 1),
                source="x",
                actor=actor,
                now=NOW,
            ),
        ):
            with pytest.raises(NotAllowed):
                attempt()
