"""The founder's pages: what they say, to whom, and in how many queries."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incubator.accounts.enums import Kind
from incubator.common.dbroles import Role, database_role
from incubator.common.display import GFLOP_PER_PFH
from tenants.compute import selectors
from tenants.compute.models import (
    Allocation,
    ClusterAccount,
    CreditAccount,
    JobHold,
    Pool,
    RejectedRow,
    Resource,
    Transfer,
    UsageDay,
    UsageImport,
    UsageRecord,
)
from tests.factories.accounts import UserFactory, acting, sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import NINE, grant, import_rows, make_pool, sacct_row, statements

pytestmark = pytest.mark.django_db

HOME = "/portal/credits/"
JOBS = "/portal/credits/jobs/"
USAGE = "/portal/credits/usage/"
STORAGE = "/portal/credits/storage/"
OWN = (Allocation, CreditAccount, Transfer, UsageDay, UsageRecord, JobHold)
STAFF_ONLY = (Pool, UsageImport, RejectedRow)


@pytest.fixture
def companies():
    """Two companies, each with a lot, a debt, a charged job and a running one, told apart by their user's name."""
    mine = CompanyFactory(cluster_account="gj901")
    other = CompanyFactory(cluster_account="gj902")
    make_pool()
    recent = int((timezone.now() - timedelta(days=2)).timestamp())
    for number, company in enumerate((mine, other)):
        account = company.cluster_account
        grant(company, 5_000, programme=f"사업 {account}")
        import_rows(
            sacct_row(100 + number, account, submit=recent, user=f"user-{account}"),
            sacct_row(
                200 + number, account, submit=recent, state="RUNNING", end="Unknown", user=f"user-{account}"
            ),
        )
    return mine, other


@pytest.fixture
def as_mine(client, companies):
    return sign_in(client, founder_of(companies[0]))


def page(client, path=HOME, language="en"):
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


class TestWhatItSays:
    def test_what_is_left_of_what_was_granted(self, client):
        company = CompanyFactory(cluster_account="gj901")
        grant(company, 500 * GFLOP_PER_PFH)
        # 1,000 H100 for 10,000 seconds are 186.111 PF·h.
        import_rows(sacct_row(1, "gj901", seconds=10_000, units="gres/gpu:h100=1000"))
        text = page(sign_in(client, founder_of(company)))
        assert "<h1>313.889 of 500.000 PF·h are left.</h1>" in text
        assert "37.2% of the granted credits are used" in text
        assert "not enough data" in text

    def test_a_company_without_any_credits_is_told_what_to_do(self, client):
        text = page(sign_in(client, founder_of(CompanyFactory())))
        assert "No credits have been granted yet." in text
        assert "No credits yet" in text

    def test_usage_beyond_the_grants_is_an_alarm(self, as_mine):
        assert "used beyond the grants" in page(as_mine)

    def test_each_charge_is_explained(self, as_mine):
        for path in (USAGE, JOBS):
            assert "CPU 2 × 40 GFLOP/s × 100 s = 8,000 GFLOP" in page(as_mine, path)

    def test_what_a_job_would_cost(self, as_mine):
        text = page(as_mine, f"{HOME}?gpus=4&hours=72")
        assert "19.296" in text
        assert "It is more than what is left:" in text

    @pytest.mark.parametrize(
        "query", ["gpus=x&hours=", "gpus=0&hours=1", "gpus=99999999999999999999&hours=1", "gpus=-1"]
    )
    def test_a_job_that_makes_no_sense_is_told_so(self, as_mine, query):
        assert "error" in page(as_mine, f"{HOME}?{query}")

    @pytest.mark.parametrize(
        "query", ["?sort=charge", "?sort=-charge", "?sort=password", "?page=999", "?page=x"]
    )
    def test_the_list_of_jobs_takes_any_order_and_page(self, as_mine, query):
        assert "user-gj901" in page(as_mine, JOBS + query)

    def test_slices_of_the_list_of_jobs_are_the_whole_list(self):
        company = CompanyFactory(cluster_account="gj901")
        day = 86_400
        rows = [
            sacct_row(job, "gj901", submit=NINE + job % 3 * day, seconds=100 + job * 7 % 11)
            for job in range(1, 12)
        ]
        import_rows(*rows)
        # A correction moves a job to another day, and one of its revisions is no longer counted.
        import_rows(sacct_row(5, "gj901", submit=NINE + 5 % 3 * day, seconds=day))
        user = founder_of(company)
        acting(user, Kind.FOUNDER, company.pk)
        whole = sorted(UsageRecord.objects.filter(is_current=True), key=lambda one: (one.ended_at, one.pk))
        assert len(whole) == 11
        for size in (1, 2, 3, 11, 50):
            for order, wanted in (("ended", whole), ("-ended", whole[::-1])):
                jobs = selectors.Jobs(user, order)
                assert len(jobs) == 11
                found = [one for start in range(0, 11, size) for one in jobs[start : start + size]]
                assert found == wanted

    def test_the_balance_elsewhere_is_the_same_figure(self, companies):
        mine, _other = companies
        founder = founder_of(mine)
        today = timezone.localdate()
        assert selectors.balance_of(mine.pk, today) == selectors.credits_of(founder, today).balance


class TestWalls:
    def test_nobody_else_has_these_pages(self, client):
        for path in (HOME, JOBS, USAGE, STORAGE):
            assert client.get(path).status_code == 302
        sign_in(client, UserFactory())
        for path in (HOME, JOBS, USAGE, STORAGE):
            assert client.get(path).status_code == 404
        for path in (HOME, JOBS, USAGE, STORAGE):
            assert client.post(path).status_code in (403, 404, 405)

    def test_a_selector_that_forgets_its_filter_leaks_nothing(self, as_mine, monkeypatch):
        open_wide = {
            "accounts_for": CreditAccount,
            "transfers_for": Transfer,
            "grants_for": Allocation,
            "usage_days_for": UsageDay,
        }
        for name, model in open_wide.items():
            monkeypatch.setattr(selectors, name, lambda _user, model=model: model.objects.all())
        monkeypatch.setattr(
            selectors, "usage_records_for", lambda _user: UsageRecord.objects.filter(is_current=True)
        )
        monkeypatch.setattr(selectors, "holds_for", lambda _user: JobHold.objects.filter(resolved_at=None))
        for path in (HOME, JOBS, USAGE):
            text = page(as_mine, path)
            assert "user-gj901" in text
            assert "gj902" not in text

    def test_without_the_walls_it_would(self, companies):
        """The control: what the page is given when the role that asks sees everything."""
        founder = acting(founder_of(companies[0]), Kind.STAFF)
        found = selectors.credits_of(founder, timezone.localdate())
        assert {job.user for job in found.held.jobs} == {"user-gj901", "user-gj902"}

    def test_a_founder_reads_the_own_rows_and_writes_none(self, companies):
        mine, _other = companies
        with as_founder(founder_of(mine)):
            for model in OWN:
                assert {row.company_id for row in model.objects.all()} == {mine.pk}, model
            assert Resource.objects.count() == 5
            assert selectors.last_import_at() is not None
        for model in STAFF_ONLY:
            with pytest.raises(ProgrammingError, match="permission denied"), as_founder(founder_of(mine)):
                model.objects.count()
        for model in (*OWN, ClusterAccount):
            with pytest.raises(ProgrammingError, match="permission denied"), as_founder(founder_of(mine)):
                model.objects.update(company=mine)

    @pytest.mark.parametrize("role", [Role.PUBLIC, Role.INVESTOR, Role.ADVISER])
    def test_nobody_else_reads_anything(self, companies, role):
        everything = {"user_id": 1, "company_ids": [companies[0].pk], "firm_ids": [1], "adviser_id": 1}
        for model in (*OWN, *STAFF_ONLY, ClusterAccount, Resource):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                database_role(role, **everything),
            ):
                model.objects.count()


@contextmanager
def as_founder(user):
    with database_role(Role.FOUNDER, user_id=user.pk, company_ids=user.acting.company_ids):
        yield


@pytest.mark.parametrize("path", [HOME, JOBS, USAGE, STORAGE, f"{HOME}?gpus=4&hours=72"])
def test_the_number_of_queries_does_not_grow(client, path):
    company = CompanyFactory(cluster_account="gj901")
    sign_in(client, founder_of(company))
    recent = int((timezone.now() - timedelta(days=3)).timestamp())
    counted = []
    for many in (1, 30):
        for number in range(many):
            grant(company, 1_000 + number)
        import_rows(
            *(sacct_row(1_000 * many + job, "gj901", submit=recent) for job in range(many)),
            *(
                sacct_row(5_000 * many + job, "gj901", submit=recent, state="RUNNING", end="Unknown")
                for job in range(many)
            ),
        )
        with CaptureQueriesContext(connection) as captured:
            page(client, path)
        counted.append(statements(captured))
    assert counted[0] == counted[1] <= 12
