"""The machines' entrance to credits."""

import pytest

from incubator.accounts.enums import StaffGroup
from tenants.compute.checking import check_ledger
from tenants.compute.models import Allocation, Pool, Transfer, UsageImport
from tests.factories.accounts import UserFactory, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import CLUSTER, grant, import_rows, make_cluster, make_pool, sacct, sacct_row

pytestmark = pytest.mark.django_db

API = "/api/v1"
LISTS = ("credit-accounts", "transfers", "grants", "usage-imports", "usage-records")


@pytest.fixture
def companies():
    found = [CompanyFactory(cluster_account=account) for account in ("gj901", "gj902")]
    make_pool()
    for number, company in enumerate(found):
        grant(company, 5_000)
        import_rows(sacct_row(number, company.cluster_account))
    return found


@pytest.fixture
def manager(client):
    return sign_in(client, staff_member(StaffGroup.CREDITS))


def listed(client, path):
    response = client.get(f"{API}/{path}/")
    assert response.status_code == 200
    return response.json()["results"]


def test_founders_get_their_own(client, companies):
    mine, _other = companies
    sign_in(client, founder_of(mine))
    for path in ("credit-accounts", "transfers", "grants", "usage-records"):
        assert {row["company"] for row in listed(client, path)} == {mine.pk}, path
    assert listed(client, "usage-imports") == []
    theirs = Allocation.objects.exclude(company=mine).get()
    assert client.get(f"{API}/grants/{theirs.pk}/").status_code == 404
    assert client.post(f"{API}/grants/", {}, content_type="application/json").status_code == 403
    assert client.post(f"{API}/usage-imports/", b"x", content_type="text/plain").status_code == 403


def test_managers_get_everything(manager, companies):
    assert {row["company"] for row in listed(manager, "grants")} == {company.pk for company in companies}
    assert len(listed(manager, "usage-imports")) == 2
    assert len(listed(manager, "transfers")) == Transfer.objects.count()


def test_the_signed_out_get_nothing(client):
    for path in LISTS:
        assert client.get(f"{API}/{path}/").status_code in (401, 403)
    sign_in(client, UserFactory())
    for path in LISTS:
        assert client.get(f"{API}/{path}/").status_code == 403


def new_grant(company, /, **values):
    return {
        "company": company.pk,
        "pool": Pool.objects.get().pk,
        "programme": "AI",
        "amount_gflop": 1_000,
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "reason": "first round",
        **values,
    }


def test_a_grant_is_given(manager):
    make_pool()
    company = CompanyFactory()
    response = manager.post(f"{API}/grants/", new_grant(company), content_type="application/json")
    assert response.status_code == 201
    lot = Allocation.objects.get()
    assert response["Location"] == f"{API}/grants/{lot.pk}/"
    assert manager.get(response["Location"]).json() == response.json()
    assert (response.json()["last_day"], response.json()["amount_gflop"]) == ("2026-12-31", 1_000)


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"amount_gflop": 10**17}, 409, "pool_exhausted"),
        ({"amount_gflop": 10**30}, 400, "invalid"),
        ({"amount_gflop": 0}, 400, "invalid"),
        ({"amount_gflop": 1.5}, 400, "invalid"),
        ({"company": 10**12}, 400, "invalid"),
        ({"last_day": "2025-01-01"}, 400, "invalid"),
        ({"last_day": "2028-01-01"}, 400, "outside_pool"),
        ({"resources": ["x"]}, 400, "unknown_resource"),
        ({"reason": "a\0b"}, 400, "invalid"),
        ({"reason": " "}, 400, "invalid"),
    ],
)
def test_a_grant_that_makes_no_sense_is_a_problem(manager, values, status, code):
    make_pool()
    response = manager.post(
        f"{API}/grants/", new_grant(CompanyFactory(), **values), content_type="application/json"
    )
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code
    assert Allocation.objects.count() == 0


def send(client, text, cluster=CLUSTER, **headers):
    return client.post(
        f"{API}/usage-imports/?cluster={cluster}", text, content_type="text/plain", headers=headers
    )


def test_usage_is_taken_in_and_its_address_says_what_came_of_it(manager, django_capture_on_commit_callbacks):
    make_cluster()
    with django_capture_on_commit_callbacks(execute=True):
        response = send(manager, sacct(sacct_row(1, "lab"), "2|camp"))
    assert (response.status_code, response.json()["state"]) == (202, "waiting")
    done = manager.get(response["Location"]).json()
    assert (done["state"], done["read"], done["new"], done["rejected"]) == ("imported", 2, 1, 1)
    assert [(row["line"], row["code"]) for row in done["rejected_rows"]] == [(3, "too_few_columns")]
    assert check_ledger().suspense == 8_000


def test_an_idempotency_key_takes_usage_in_once(manager, django_capture_on_commit_callbacks):
    make_cluster()
    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            send(manager, sacct(sacct_row(1, "lab")), **{"Idempotency-Key": "monday"}) for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert (answers[0]["Location"], UsageImport.objects.count()) == (answers[1]["Location"], 1)


def test_assigned_servers_are_taken_in_too(manager, django_capture_on_commit_callbacks):
    make_cluster()
    text = b"cluster,account,server,resource,units,start,end\ncamp,lab,n1,cpu,2,2026-11-01,2026-11-01\n"
    address = f"{API}/usage-imports/?cluster={CLUSTER}&source="
    with django_capture_on_commit_callbacks(execute=True):
        response = manager.post(f"{address}servers", text, content_type="text/plain")
    assert manager.get(response["Location"]).json()["new"] == 1
    assert check_ledger().suspense == 2 * 40 * 86_400
    assert manager.post(f"{address}fax", text, content_type="text/plain").json()["code"] == "unknown_source"


def test_what_is_no_usage_fails_in_words(manager, django_capture_on_commit_callbacks):
    make_cluster()
    with django_capture_on_commit_callbacks(execute=True):
        response = send(manager, b"\0\0\0")
    assert manager.get(response["Location"]).json()["state"] == "failed"
    assert send(manager, b"").json()["code"] == "not_usage"
    assert send(manager, b"x", cluster="nowhere").json()["code"] == "unknown_cluster"
    assert manager.post(f"{API}/usage-imports/", {"a": 1}, content_type="application/json").status_code == 415


def test_nothing_is_changed_or_deleted(manager, companies):
    for path, obj in (("transfers", Transfer.objects.first()), ("grants", Allocation.objects.first())):
        for method in ("put", "patch", "delete"):
            assert getattr(manager, method)(f"{API}/{path}/{obj.pk}/").status_code == 405
