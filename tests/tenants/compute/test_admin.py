"""The managers' pages: services do the work, refusals are words at their field, nothing is edited."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incubator.accounts.enums import StaffGroup
from incubator.common.display import GFLOP_PER_PFH
from tenants.compute.checking import check_ledger
from tenants.compute.models import (
    Allocation,
    CreditAccount,
    CreditHold,
    Pool,
    Resource,
    ResourceRate,
    Transfer,
    UsageImport,
)
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.compute import grant, import_rows, make_cluster, make_pool, sacct, sacct_row, statements

pytestmark = pytest.mark.django_db

ADMIN = "/admin/compute"
LISTS = (
    "allocation",
    "cluster",
    "creditaccount",
    "pool",
    "resource",
    "resourcerate",
    "transfer",
    "usageimport",
    "usagerecord",
)


@pytest.fixture
def manager(client):
    return sign_in(client, staff_member(StaffGroup.CREDITS))


@pytest.fixture
def auditor(client):
    return sign_in(client, staff_member(StaffGroup.AUDITOR))


def post(client, path, data):
    return client.post(f"{ADMIN}/{path}", data, headers={"accept-language": "en"})


def grant_form(company, pool, /, **values):
    return {
        "company": company.pk,
        "pool": pool.pk,
        "programme": "AI 컴퓨팅 지원",
        "amount_gflop": "10",
        "first_day": "2026.1.1",
        "last_day": "20261231",
        "own_share_percent": "20",
        "resources": ["gres/gpu:h100"],
        "reason": "first round",
        **values,
    }


def test_a_manager_makes_a_pool_and_grants_out_of_it(manager):
    pool_form = {
        "name": "2026",
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "capacity_gflop": "12.5",
        "reason": "x",
    }
    assert post(manager, "pool/add/", pool_form).status_code == 302
    pool = Pool.objects.get()
    company = CompanyFactory()
    assert post(manager, "allocation/add/", grant_form(company, pool)).status_code == 302
    lot = Allocation.objects.get()
    assert (lot.amount_gflop, lot.resources, str(lot.period.upper)) == (
        10 * GFLOP_PER_PFH,
        ["gres/gpu:h100"],
        "2027-01-01",
    )
    refused = post(manager, "allocation/add/", grant_form(company, pool, amount_gflop="2.501"))
    assert refused.status_code == 200
    assert "The pool has no room for this grant: 2.500 PF·h are left." in refused.content.decode()
    assert Allocation.objects.count() == 1
    assert check_ledger().broken == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount_gflop": "-1"}, "greater than or equal to 0.001"),
        ({"amount_gflop": "1e400"}, "amount_gflop"),
        ({"amount_gflop": "NaN"}, "Enter a number"),
        ({"last_day": "2025-12-31"}, "The last day is before the first."),
        ({"last_day": "2027-01-01"}, "must lie within the pool"),
        ({"first_day": "29 February 2027"}, "Write the date like"),
        ({"reason": ""}, "This field is required"),
        ({"resources": ["gres/gpu:b999"]}, "gres/gpu:b999"),
        ({"company": "999999"}, "valid choice"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_in_words(manager, values, said):
    response = post(manager, "allocation/add/", grant_form(CompanyFactory(), make_pool(), **values))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert Allocation.objects.count() == 0


def test_unused_credits_are_taken_back_with_a_reason(manager):
    lot = grant(CompanyFactory(), 3 * GFLOP_PER_PFH)
    path = f"allocation/{lot.pk}/claw-back/"
    assert (
        "3.000 PF·h of this grant are unused"
        in manager.get(f"{ADMIN}/{path}", headers={"accept-language": "en"}).content.decode()
    )
    assert "required" in post(manager, path, {"reason": ""}).content.decode()
    assert (
        "does not hold this many"
        in post(manager, path, {"reason": "x", "amount_gflop": "3.001"}).content.decode()
    )
    assert post(manager, path, {"reason": "x", "amount_gflop": "1"}).status_code == 302
    assert post(manager, path, {"reason": "x"}).status_code == 302
    lot.refresh_from_db()
    assert (lot.state, lot.taken_back_gflop) == ("closed", 3 * GFLOP_PER_PFH)


def test_a_transfer_is_reversed_with_a_reason_and_once(manager):
    lot = grant(CompanyFactory(), 1)
    path = f"transfer/{Transfer.objects.get(credit=lot.account).pk}/reverse/"
    assert "required" in post(manager, path, {}).content.decode()
    assert post(manager, path, {"reason": "mistake"}).status_code == 302
    assert "reversed already" in post(manager, path, {"reason": "again"}).content.decode()
    assert Transfer.objects.filter(kind="reversal").count() == 1


def test_an_unknown_account_is_given_to_a_company(manager):
    company = CompanyFactory()
    import_rows(sacct_row(1, "lab"))
    account = CreditAccount.objects.get(kind="suspense")
    path = f"creditaccount/{account.pk}/assign/"
    assert manager.get(f"{ADMIN}/{path}").status_code == 200
    assert post(manager, path, {"company": company.pk, "reason": "their lab"}).status_code == 302
    assert (check_ledger().charged, check_ledger().suspense) == ({"lab": 8_000}, 0)
    other = CreditAccount.objects.get(kind="debt")
    assert manager.get(f"{ADMIN}/creditaccount/{other.pk}/assign/").status_code == 403


def test_a_new_rate_ends_the_old_one(manager):
    resource = Resource.objects.get(code="cpu")
    form = {"resource": resource.pk, "gflops": "50", "starts_on": "2027-01-01", "source": "measured"}
    assert post(manager, "resourcerate/add/", form).status_code == 302
    assert list(resource.rates.order_by("period").values_list("gflops", flat=True)) == [40, 50]
    assert (
        "A later rate"
        in post(manager, "resourcerate/add/", {**form, "starts_on": "2026-12-01"}).content.decode()
    )
    assert "field" in post(manager, "resourcerate/add/", {**form, "gflops": str(10**30)}).content.decode()
    assert ResourceRate.objects.filter(resource=resource).count() == 2


def test_a_file_is_imported_and_its_rejected_rows_are_shown(manager, django_capture_on_commit_callbacks):
    cluster = make_cluster()
    file = SimpleUploadedFile("sacct.txt", sacct(sacct_row(1, "lab"), "2|camp"))
    with django_capture_on_commit_callbacks(execute=True):
        response = post(manager, "usageimport/upload/", {"cluster": cluster.pk, "file": file})
    done = UsageImport.objects.get()
    assert response["Location"] == f"{ADMIN}/usageimport/{done.pk}/change/"
    text = manager.get(response["Location"], headers={"accept-language": "en"}).content.decode()
    assert "read 2, new 1, changed 0, unchanged 0, unattributed 1, rejected 1" in text
    assert "line 3: 2 columns instead of 11" in text


def test_a_file_of_assigned_servers_is_imported(manager, django_capture_on_commit_callbacks):
    cluster = make_cluster()
    text = b"cluster,account,server,resource,units,start,end\ncamp,lab,n1,cpu,2,2026-11-01,2026-11-01\n"
    form = {"cluster": cluster.pk, "source": "servers", "file": SimpleUploadedFile("servers.csv", text)}
    with django_capture_on_commit_callbacks(execute=True):
        post(manager, "usageimport/upload/", form)
    assert (UsageImport.objects.get().source, UsageImport.objects.get().new) == ("servers", 1)


def test_credits_are_held_released_and_a_debt_is_settled(manager):
    company = CompanyFactory(cluster_account="gj901")
    import_rows(sacct_row(1, "gj901"))
    lot = grant(company, 100 * 3_600_000_000)
    post(manager, f"allocation/{lot.pk}/hold/", {"amount_gflop": "60", "days": "7", "reason": "심사 중"})
    lot.account.refresh_from_db()
    assert lot.account.held_gflop == 60 * 3_600_000_000
    refused = post(manager, f"allocation/{lot.pk}/hold/", {"amount_gflop": "60", "days": "7", "reason": "또"})
    assert (refused.status_code, CreditHold.objects.count()) == (200, 1)
    hold = CreditHold.objects.get()
    for _ in range(2):
        post(manager, f"credithold/{hold.pk}/release/", {})
    post(manager, f"allocation/{lot.pk}/settle/", {"reason": "합의"})
    lot.account.refresh_from_db()
    assert (lot.account.held_gflop, lot.account.balance_gflop) == (0, 100 * 3_600_000_000 - 8_000)


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\x89PNG\r\n", b"a,b\n1,2\n"])
def test_a_hostile_file_is_refused_in_words(manager, content, django_capture_on_commit_callbacks):
    cluster = make_cluster()
    file = SimpleUploadedFile("x.txt", content)
    with django_capture_on_commit_callbacks(execute=True):
        response = post(manager, "usageimport/upload/", {"cluster": cluster.pk, "file": file})
    assert response.status_code in (200, 302)
    assert Transfer.objects.count() == 0


def test_nothing_of_the_ledger_is_edited(manager):
    grant(CompanyFactory(), 5)
    import_rows(sacct_row(1, "lab"))
    for model, obj in (
        ("transfer", Transfer.objects.first()),
        ("creditaccount", CreditAccount.objects.first()),
        ("allocation", Allocation.objects.first()),
        ("pool", Pool.objects.first()),
        ("usageimport", UsageImport.objects.first()),
        ("resourcerate", ResourceRate.objects.first()),
    ):
        assert manager.get(f"{ADMIN}/{model}/{obj.pk}/change/").status_code == 200
        assert post(manager, f"{model}/{obj.pk}/change/", {"reason": "x"}).status_code == 403
        assert post(manager, f"{model}/{obj.pk}/delete/", {"post": "yes"}).status_code == 403
    for model in ("transfer", "creditaccount", "usageimport", "usagerecord"):
        assert manager.get(f"{ADMIN}/{model}/add/").status_code == 403


def test_an_auditor_reads_and_does_nothing(auditor):
    lot = grant(CompanyFactory(), 5)
    for model in LISTS:
        assert auditor.get(f"{ADMIN}/{model}/").status_code == 200
    for path in (f"allocation/{lot.pk}/claw-back/", "usageimport/upload/", "allocation/add/", "pool/add/"):
        assert auditor.get(f"{ADMIN}/{path}").status_code == 403
        assert post(auditor, path, {"reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["transfer/999999/reverse/", "transfer/abc/reverse/", "allocation/99/claw-back/"]
)
def test_an_unknown_id_is_not_found(manager, path):
    assert manager.get(f"{ADMIN}/{path}").status_code == 404


@pytest.mark.parametrize("model", LISTS)
def test_the_number_of_queries_does_not_grow(manager, model):
    make_pool()
    counted = []
    for many in (1, 10):
        for number in range(many):
            company = CompanyFactory(cluster_account=f"gj-{many}-{number}")
            grant(company, 1_000)
            make_pool(5, name=f"pool {many} {number}")
            make_cluster(f"c{many}-{number}")
            Resource.objects.create(code=f"gres/{many}-{number}", name="x", unit="y")
            import_rows(sacct_row(number + 100 * many, company.cluster_account))
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(f"{ADMIN}/{model}/").status_code == 200
        counted.append(statements(captured))
    assert counted[0] == counted[1] <= 12


@pytest.mark.parametrize(
    "query", ["?account=1", "?account=abc", "?account=99999999999999999999", "?q=%EA%B0%80"]
)
def test_the_transfers_of_one_account(manager, query):
    lot = grant(CompanyFactory(), 7)
    assert manager.get(f"{ADMIN}/transfer/{query}").status_code in (200, 302)
    listed = manager.get(f"{ADMIN}/transfer/?account={lot.account_id}").context["cl"].result_list
    assert [transfer.credit_id for transfer in listed] == [lot.account_id]
