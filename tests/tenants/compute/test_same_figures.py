"""One history, told by the page, the API, the statement, the managers' report and the check of the ledger: one figure."""

import json
import re

import pytest
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.display import pfh
from tenants.compute import selectors, services
from tenants.compute.checking import check_ledger
from tenants.compute.models import CreditAccount, UsageTally
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import grant, import_rows, sacct_row

pytestmark = pytest.mark.django_db
HOUR = 3_600


def everything(client, path):
    """All rows of an API's list, page by page."""
    rows = []
    while path:
        answer = client.get(path).json()
        rows += answer["results"]
        path = answer["next"]
    return rows


@pytest.fixture
def company():
    """Usage of this month with a correction, a settled debt, a claw-back and a hold; and a neighbour's."""
    now = timezone.now().replace(microsecond=0)
    submit = int(now.timestamp()) - 5 * HOUR
    company = CompanyFactory(cluster_account="gj901")
    CompanyFactory(cluster_account="gj902")
    grant(company, 20_000, now=now)
    rows = [
        sacct_row(job, "gj901", submit=submit, units="cpu=8,gres/gpu:h100=64", seconds=job * 7)
        for job in range(1, 9)
    ]
    import_rows(*rows, sacct_row(90, "gj902", submit=submit), sacct_row(91, "nobody", submit=submit), now=now)
    import_rows(sacct_row(3, "gj901", submit=submit, units="cpu=8,gres/gpu:h100=64", seconds=11), now=now)
    large = grant(company, 10**10, now=now)
    services.settle_debt(allocation=large, reason="x", actor=None, now=now)
    services.claw_back(allocation=large, amount_gflop=12_345, reason="x", actor=None, now=now)
    return company


def test_every_place_tells_the_same(company, client):
    seconds = sum(job * 7 for job in range(1, 9)) - 3 * 7 + 11
    expected = seconds * (8 * 40 + 64 * 67_000)
    founder = founder_of(company)
    sign_in(client, founder)
    today = timezone.localdate()

    found = check_ledger()
    assert (found.ok, found.charged["gj901"]) == (True, expected)

    usage = CreditAccount.objects.filter(company=company, kind="usage")
    assert sum(usage.values_list("balance_gflop", flat=True)) == expected
    assert sum(UsageTally.objects.filter(company=company).values_list("gflop", flat=True)) == expected

    records = everything(client, "/api/v1/usage-records/")
    assert sum(row["charge_gflop"] for row in records) == expected
    assert sum(line["gflop"] for row in records for line in row["lines"]) == expected
    accounts = {row["id"]: row for row in everything(client, "/api/v1/credit-accounts/")}
    assert sum(row["balance_gflop"] for row in accounts.values() if row["kind"] == "usage") == expected
    sums = dict.fromkeys(accounts, 0)
    for row in everything(client, "/api/v1/transfers/"):
        for side, sign in (("debit", -1), ("credit", 1)):
            if row[side] in sums:
                sums[row[side]] += sign * row["amount_gflop"]
    assert sums == {pk: row["balance_gflop"] for pk, row in accounts.items()}

    balance = selectors.balance_of(company.pk, today)
    lots = sum(row["balance_gflop"] for row in accounts.values() if row["kind"] == "lot")
    assert (balance.left, balance.debt) == (lots, 0)
    page = client.get("/portal/credits/", headers={"accept-language": "en"})
    assert page.context["credits"].burn_gflop == expected
    assert page.context["credits"].balance.left == lots
    assert re.search(rf">\s*{re.escape(pfh(lots))}\b", page.content.decode())

    statement = json.loads(client.get(f"/portal/credits/statements/{today:%Y-%m}.json").content)
    totals = statement["totals"]
    assert totals["used_gflop"] - totals["corrected_gflop"] == expected
    assert totals["closing_gflop"] == lots
    assert {entry["code"]: entry["closing_gflop"] for entry in statement["accounts"]} == {
        row["code"]: row["balance_gflop"] for row in accounts.values()
    }

    sign_in(client, staff_member(StaffGroup.CREDITS))
    report = client.get("/admin/reporting/compute/").content.decode()
    assert pfh(expected) in report
