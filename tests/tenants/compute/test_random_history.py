"""Random grants, usage, corrections, claw-backs and reversals against a plain model in a dozen lines."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.errors import AlreadyReversed, NotEnoughCredits, PoolExhausted
from tenants.compute.models import Allocation, CreditAccount, Transfer
from tests.factories.companies import CompanyFactory
from tests.factories.compute import NOW, grant, import_rows, make_pool, sacct_row

pytestmark = pytest.mark.django_db

CAPACITY = 100_000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(1, 60_000), st.integers(1, 12)),
        st.tuples(st.just("job"), st.integers(1, 6), st.integers(0, 500)),
        st.tuples(st.just("claw_back"), st.integers(0, 5), st.integers(1, 40_000)),
        st.tuples(st.just("reverse"), st.integers(0, 5), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


class Model:
    """What the ledger should hold: lots in the order in which they are spent, and each job's price and payers."""

    def __init__(self) -> None:
        self.pool = CAPACITY
        self.debt = 0
        self.lots: list[dict[str, Any]] = []
        self.jobs: dict[int, tuple[int, list[tuple[dict[str, Any] | None, int]]]] = {}

    def job(self, number: int, seconds: int) -> None:
        price = seconds * 80
        if number in self.jobs:
            if self.jobs[number][0] == price:
                return
            for lot, part in self.jobs[number][1]:
                if lot is None:
                    self.debt -= part
                else:
                    lot["left"] += part
        paid: list[tuple[dict[str, Any] | None, int]] = []
        due = price
        for lot in sorted(self.lots, key=lambda lot: (lot["end"], lot["order"])):
            part = min(due, lot["left"])
            lot["left"] -= part
            due -= part
            paid.append((lot, part))
        self.debt += due
        self.jobs[number] = (price, [*paid, (None, due)])


def play(steps: list[tuple[str, int, int]]) -> None:
    company = CompanyFactory()
    company.cluster_account = f"gj-{company.pk}"
    company.save()
    pool = make_pool(CAPACITY, name=f"pool {company.pk}")
    model = Model()
    for what, first, second in steps:
        if what == "grant":
            end = date(2027, 1, 1) if second == 12 else date(2026, second + 1, 1)
            if first > model.pool:
                with pytest.raises(PoolExhausted):
                    grant(company, first, pool, period=DateRange(date(2026, 1, 1), end))
                continue
            lot = grant(company, first, pool, period=DateRange(date(2026, 1, 1), end))
            model.pool -= first
            # A lot that ended before the jobs' day never pays.
            model.lots.append(
                {"pk": lot.pk, "left": first, "given": first, "end": end, "order": len(model.lots)}
            )
        elif what == "job":
            ended = [lot for lot in model.lots if lot["end"] <= date(2026, 11, 20)]
            model.lots = [lot for lot in model.lots if lot not in ended]
            model.job(first, second)
            model.lots += ended
            import_rows(sacct_row(first, company.cluster_account, seconds=second))
        elif model.lots:
            lot = model.lots[first % len(model.lots)]
            allocation = Allocation.objects.select_related("pool").get(pk=lot["pk"])
            if what == "claw_back":
                wanted = second
                attempt = partial(services.claw_back, allocation=allocation, amount_gflop=wanted)
            else:
                wanted = lot["given"]
                transfer = Transfer.objects.get(credit=allocation.account, kind="grant")
                attempt = partial(services.reverse_transfer, transfer=transfer)
            if wanted > lot["left"]:
                with pytest.raises((NotEnoughCredits, AlreadyReversed)):
                    attempt(reason="x", actor=None, now=NOW)
                continue
            attempt(reason="x", actor=None, now=NOW)
            lot["left"] -= wanted
            model.pool += wanted
        compare(company, pool, model)
    assert check_ledger().broken == {}


def compare(company: Any, pool: Any, model: Model) -> None:
    balances = dict(CreditAccount.objects.filter(company=company).values_list("code", "balance_gflop"))
    lots = {
        lot.account.code: lot.pk
        for lot in Allocation.objects.filter(company=company).select_related("account")
    }
    assert {lots[code]: left for code, left in balances.items() if code in lots} == {
        lot["pk"]: lot["left"] for lot in model.lots
    }
    assert balances.get(f"debt:{company.business_number}", 0) == -model.debt
    assert CreditAccount.objects.get(pk=pool.account_id).balance_gflop == model.pool
    assert sum(CreditAccount.objects.values_list("balance_gflop", flat=True)) == 0


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_any_history_ends_as_the_model_says(steps):
    play(steps)
