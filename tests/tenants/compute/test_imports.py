"""Usage: what each row of a scheduler's accounting becomes."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from tenants.compute import errors, services
from tenants.compute.checking import check_ledger
from tenants.compute.enums import AccountKind
from tenants.compute.models import (
    Cluster,
    ClusterAccount,
    CreditAccount,
    JobHold,
    Resource,
    Transfer,
    UsageImport,
    UsageRecord,
)
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory
from tests.factories.compute import (
    CLUSTER,
    HEADER,
    NINE,
    NOW,
    grant,
    import_rows,
    make_cluster,
    sacct,
    sacct_row,
)

pytestmark = pytest.mark.django_db

# cpu=2 for 100 seconds.
JOB = 2 * 40 * 100


@pytest.fixture
def company():
    return CompanyFactory(cluster_account="gj901")


@pytest.fixture(autouse=True)
def ledger_stays_sound():
    """Whatever a test did, every invariant holds afterwards."""
    yield
    assert check_ledger().broken == {}


def counts(done: UsageImport) -> tuple[int, ...]:
    return done.read, done.new, done.changed, done.unchanged, done.unattributed, done.rejected


def balances(kind: str) -> dict[str, int]:
    found = CreditAccount.objects.filter(kind=kind).exclude(balance_gflop=0)
    return dict(found.values_list("code", "balance_gflop"))


class TestRows:
    def test_a_job_is_charged_units_times_rate_times_seconds(self, company):
        lot = grant(company, 10**9)
        import_rows(
            sacct_row(1, "gj901", seconds=200, units="cpu=8,gres/gpu:h100=2,gres/gpu=2,mem=32000M,node=1")
        )
        record = UsageRecord.objects.get()
        assert record.lines == [
            {"resource": "cpu", "units": 8, "rate": 40, "gflop": 64_000},
            {"resource": "gres/gpu:h100", "units": 2, "rate": 67_000, "gflop": 26_800_000},
        ]
        assert record.charge_gflop == 26_864_000
        lot.account.refresh_from_db()
        assert lot.account.balance_gflop == 10**9 - 26_864_000
        number = company.business_number
        assert balances(AccountKind.USAGE) == {
            f"usage:{number}:cpu": 64_000,
            f"usage:{number}:gres/gpu:h100": 26_800_000,
        }

    def test_the_same_rows_again_change_nothing(self, company):
        rows = [
            sacct_row(1, "gj901"),
            sacct_row(2, "nobody"),
            sacct_row(3, "gj901", state="RUNNING", end="Unknown"),
        ]
        assert counts(import_rows(*rows)) == (3, 3, 0, 0, 1, 0)
        before = list(Transfer.objects.values_list("pk", "recorded_at"))
        assert counts(import_rows(*rows)) == (3, 0, 0, 3, 1, 0)
        assert list(Transfer.objects.values_list("pk", "recorded_at")) == before
        assert UsageRecord.objects.count() == 2

    def test_a_row_twice_in_one_file_is_charged_once(self, company):
        assert counts(import_rows(sacct_row(1, "gj901"), sacct_row(1, "gj901"))) == (2, 1, 0, 1, 0, 0)

    def test_a_requeued_job_is_charged_for_each_attempt(self, company):
        import_rows(
            sacct_row(1, "gj901", state="REQUEUED", seconds=10),
            sacct_row(1, "gj901", submit=NINE + 10, seconds=40),
        )
        assert [record.elapsed_seconds for record in UsageRecord.objects.order_by("submit_at")] == [10, 40]
        assert check_ledger().charged == {"gj901": 50 * 80}

    def test_a_reused_id_is_another_job(self, company):
        other = CompanyFactory(cluster_account="gj902")
        import_rows(sacct_row(1, "gj901"), sacct_row(1, "gj902", submit=NINE + 900, user="hyun"))
        assert set(UsageRecord.objects.values_list("company_id", "user")) == {
            (company.pk, "minji"),
            (other.pk, "hyun"),
        }

    def test_suspended_time_is_not_charged(self, company):
        import_rows(sacct_row(1, "gj901", seconds=10, end=NINE + 20))
        assert UsageRecord.objects.get().charge_gflop == 10 * 80

    def test_a_changed_row_is_reversed_and_charged_anew(self, company):
        lot = grant(company, 10 * JOB)
        import_rows(sacct_row(1, "gj901"))
        assert counts(import_rows(sacct_row(1, "gj901", seconds=150))) == (1, 0, 1, 0, 0, 0)
        old, new = UsageRecord.objects.order_by("revision")
        assert (old.revision, old.is_current, new.revision, new.is_current) == (1, False, 2, True)
        lot.account.refresh_from_db()
        assert lot.account.balance_gflop == 10 * JOB - 150 * 80
        assert list(
            Transfer.objects.filter(usage_posting=old.posting).values_list("kind", "amount_gflop")
        ) == [
            ("correction", JOB),
            ("usage", JOB),
        ]

    def test_who_cancelled_a_job_is_no_change(self, company):
        import_rows(sacct_row(1, "gj901", state="CANCELLED by 0"))
        assert counts(import_rows(sacct_row(1, "gj901", state="CANCELLED"))) == (1, 0, 0, 1, 0, 0)

    def test_a_runaway_job_that_shrinks_to_nothing_is_given_back(self, company):
        lot = grant(company, 10 * JOB)
        import_rows(sacct_row(1, "gj901"))
        import_rows(sacct_row(1, "gj901", seconds=0, end=NINE))
        lot.account.refresh_from_db()
        assert lot.account.balance_gflop == 10 * JOB
        assert check_ledger().charged == {}

    def test_a_resource_without_a_rate_is_listed_and_free(self, company):
        import_rows(sacct_row(1, "gj901", units="cpu=2,gres/tpu:v5=4,billing=99,mem=4G,node=1"))
        record = UsageRecord.objects.get()
        assert (record.charge_gflop, record.unrated) == (JOB, ["gres/tpu:v5"])

    def test_a_job_that_never_ran_costs_nothing(self, company):
        import_rows(sacct_row(1, "gj901", state="CANCELLED by 1004", start="None", seconds=0, units=""))
        assert UsageRecord.objects.get().charge_gflop == 0

    def test_the_rate_of_the_start_counts(self, company):
        services.set_rate(
            resource=Resource.objects.get(code="cpu"),
            gflops=50,
            starts_on=date(2026, 11, 21),
            source="x",
            actor=None,
            now=NOW,
        )
        # The first starts a second before midnight in Seoul and runs into the new rate's day.
        midnight = NINE + 15 * 3600
        import_rows(sacct_row(1, "gj901", submit=midnight - 1), sacct_row(2, "gj901", submit=midnight))
        assert [record.charge_gflop for record in UsageRecord.objects.order_by("job_id")] == [8_000, 10_000]


class TestHolds:
    def test_a_running_job_is_held_by_its_limit_and_never_charged(self, company):
        done = import_rows(
            sacct_row(1, "gj901", state="RUNNING", end="Unknown", limit="10"),
            sacct_row(2, "gj901", state="RUNNING", end="Unknown", limit="UNLIMITED"),
            sacct_row(3, "gj901", state="PENDING", start="Unknown", end="Unknown", seconds=0, units=""),
            sacct_row(4, "gj901", state="COMPLETED", end="Unknown", limit="1"),
        )
        held = list(JobHold.objects.order_by("job_id").values_list("phase", "amount_gflop"))
        assert held == [("running", 600 * 80), ("running", JOB), ("pending", 0), ("running", JOB)]
        assert (done.held, check_ledger().held_jobs, Transfer.objects.count()) == (3, 3, 0)

    def test_a_job_that_ends_resolves_its_hold(self, company):
        import_rows(sacct_row(1, "gj901", state="RUNNING", end="Unknown"))
        assert (
            counts(import_rows(sacct_row(1, "gj901", state="RUNNING", end="Unknown", seconds=7200)))[2] == 1
        )
        assert counts(import_rows(sacct_row(1, "gj901"))) == (1, 1, 0, 0, 0, 0)
        assert (JobHold.objects.get().resolved_at, check_ledger().held_jobs) == (NOW, 0)

    def test_an_older_file_does_not_run_an_ended_job_again(self, company):
        import_rows(sacct_row(1, "gj901"))
        assert counts(import_rows(sacct_row(1, "gj901", state="RUNNING", end="Unknown"))) == (
            1,
            0,
            0,
            1,
            0,
            0,
        )
        assert JobHold.objects.count() == 0


class TestLots:
    def spent(self, *lots):
        for lot in lots:
            lot.account.refresh_from_db()
        return [lot.amount_gflop - lot.account.balance_gflop for lot in lots]

    def test_the_lot_that_ends_first_pays_first(self, company):
        late = grant(company, 10 * JOB)
        early = grant(company, JOB // 2, period=DateRange(date(2026, 1, 1), date(2026, 12, 1)))
        import_rows(sacct_row(1, "gj901"))
        assert self.spent(early, late) == [JOB // 2, JOB // 2]
        assert Transfer.objects.filter(kind="usage").count() == 2

    def test_a_lot_pays_only_for_its_resources_and_days(self, company):
        gpu = grant(company, 10**9, resources=["gres/gpu:h100"])
        over = grant(company, 10**9, period=DateRange(date(2026, 1, 1), date(2026, 11, 20)))
        coming = grant(company, 10**9, period=DateRange(date(2026, 11, 21), date(2027, 1, 1)))
        all_of_it = grant(company, 10**9)
        import_rows(sacct_row(1, "gj901", units="cpu=2,gres/gpu:h100=1"))
        assert self.spent(gpu, over, coming, all_of_it) == [6_700_000, 0, 0, JOB]

    def test_what_no_lot_can_pay_is_debt(self, company):
        lot = grant(company, 3_000)
        import_rows(sacct_row(1, "gj901"))
        assert self.spent(lot) == [3_000]
        assert balances(AccountKind.DEBT) == {f"debt:{company.business_number}": 3_000 - JOB}

    def test_what_is_given_back_pays_for_the_next_job(self, company):
        lot = grant(company, JOB)
        import_rows(sacct_row(1, "gj901"), sacct_row(2, "gj901"))
        import_rows(sacct_row(1, "gj901", seconds=0, end=NINE), sacct_row(3, "gj901"))
        assert self.spent(lot) == [JOB]
        assert balances(AccountKind.DEBT) == {f"debt:{company.business_number}": -JOB}


class TestUnknownAccounts:
    def test_their_usage_waits_in_suspense_until_a_company_has_the_account(self, company):
        import_rows(
            sacct_row(1, "lab"), sacct_row(2, "lab", state="RUNNING", end="Unknown"), sacct_row(3, "")
        )
        found = check_ledger()
        assert (found.charged, found.suspense) == ({}, 2 * JOB)
        lot = grant(company, 10 * JOB)
        who = {
            "cluster": make_cluster(),
            "company": company,
            "reason": "their lab",
            "actor": None,
            "now": NOW,
        }
        services.assign_account(account="lab", **who)
        found = check_ledger()
        assert (found.charged, found.suspense) == ({"lab": JOB}, JOB)
        lot.account.refresh_from_db()
        assert lot.account.balance_gflop == 9 * JOB
        assert JobHold.objects.get().company == company
        services.assign_account(account="lab", **who)
        assert (ClusterAccount.objects.count(), UsageRecord.objects.filter(account="lab").count()) == (1, 2)
        assert counts(import_rows(sacct_row(1, "lab"), sacct_row(4, "lab"))) == (2, 1, 0, 1, 0, 0)

    def test_an_account_of_another_company_is_not_given_away(self, company):
        other = CompanyFactory(name="무등로봇")
        values = {"cluster": make_cluster(), "account": "gj901", "reason": "x", "actor": None, "now": NOW}
        with pytest.raises(errors.AccountTaken):
            services.assign_account(company=other, **values)

    def test_a_company_that_registers_its_account_takes_over_what_waits(self):
        import_rows(sacct_row(1, "gj903"))
        CompanyFactory(cluster_account="gj903")
        assert counts(import_rows(sacct_row(1, "gj903"))) == (1, 0, 1, 0, 0, 0)
        assert (check_ledger().charged, check_ledger().suspense) == ({"gj903": JOB}, 0)

    def test_usage_stays_with_its_company_when_the_account_is_renamed(self, company):
        import_rows(sacct_row(1, "gj901"))
        company.cluster_account = "gj999"
        company.save()
        assert counts(import_rows(sacct_row(1, "gj901"))) == (1, 0, 0, 1, 0, 0)

    def test_a_row_that_moves_to_another_account_moves_its_charge(self, company):
        CompanyFactory(cluster_account="gj902")
        import_rows(sacct_row(1, "gj901"))
        import_rows(sacct_row(1, "gj902"))
        assert check_ledger().charged == {"gj902": JOB}


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (b"", "empty"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "header"),
            (b"name,price\n1,2\n", "header"),
            (HEADER.replace("|State", "").replace("|Submit", "").encode() + b"\n", "State, Submit"),
            (("\0" + HEADER).encode() + b"\n", "header"),
        ],
    )
    def test_what_is_no_usage_is_refused_whole(self, text, said):
        make_cluster()
        with translation.override("en"), pytest.raises(errors.NotUsage) as refusal:
            services.import_usage(BytesIO(text), cluster=CLUSTER, actor=None, now=NOW)
        assert said in str(refusal.value)
        assert UsageImport.objects.count() == 0

    def test_each_bad_row_is_kept_with_its_reason_and_the_rest_imported(self, company):
        done = import_rows(
            sacct_row(1, "gj901"),
            "2|camp|gj901",
            sacct_row(3, "gj901", end=NINE - 5),
            sacct_row(4, "gj901", seconds=-5, end=NINE),
            sacct_row(5, "gj901", units=f"cpu={2**53}", seconds=10**6),
            sacct_row(6, "gj901", units="cpu=lots"),
            sacct_row(7, "gj901", user="a\0b"),
            sacct_row(8, "gj901", cluster="elsewhere"),
            sacct_row(9, "gj901", submit=253_402_300_000),
            sacct_row(10, "gj901", state="PARTYING"),
            sacct_row(11, "gj901", units="cpu=1000000", seconds=30_000_000),
        )
        assert counts(done) == (11, 1, 0, 0, 0, 10)
        assert [(row.line, row.code) for row in done.rejected_rows.all()] == [
            (3, "too_few_columns"),
            (4, "ends_before_start"),
            (5, "negative"),
            (6, "charge_overflow"),
            (7, "not_a_number"),
            (8, "nul_byte"),
            (9, "other_cluster"),
            (10, "time_out_of_range"),
            (11, "unknown_state"),
            (12, "charge_overflow"),
        ]
        assert all(row.reason for row in done.rejected_rows.all())

    def test_a_cut_line_is_rejected_and_comes_in_whole_later(self, company):
        make_cluster()
        text = sacct(sacct_row(1, "gj901"), sacct_row(2, "gj901"))
        values = {"cluster": CLUSTER, "actor": None, "now": NOW}
        cut = services.import_usage(BytesIO(text[:-9]), **values)
        assert counts(cut) == (2, 1, 0, 0, 0, 1)
        assert counts(services.import_usage(BytesIO(text), **values)) == (2, 1, 0, 1, 0, 0)

    def test_more_than_the_ledger_can_hold_is_refused_whole(self, company):
        # Each is as large as a job may be, and together they leave the numbers of a bigint.
        largest = {"units": "gres/gpu:h100=1000000", "seconds": 1490}
        rows = [sacct_row(job, "gj901", **largest) for job in range(2**63 // (67 * 10**9 * 1490) + 1)]
        with pytest.raises(errors.BeyondTheLedger):
            import_rows(*rows)
        assert (UsageRecord.objects.count(), Transfer.objects.count()) == (0, 0)

    def test_an_unknown_cluster_is_refused(self):
        make_cluster()
        with pytest.raises(errors.UnknownCluster):
            services.import_usage(
                BytesIO(sacct()), cluster="nowhere", actor=None, now=NOW, register_first=True
            )

    def test_the_first_cluster_registers_itself_by_rows_of_its_own(self):
        values = {"actor": None, "now": NOW, "register_first": True}
        for name in ("nowhere", "a|b", ""):
            with pytest.raises(errors.UnknownCluster):
                services.import_usage(BytesIO(sacct(sacct_row(1, "x"))), cluster=name, **values)
        assert Cluster.objects.count() == 0
        services.import_usage(BytesIO(sacct(sacct_row(1, "x"))), cluster=CLUSTER, **values)
        assert Cluster.objects.get().name == CLUSTER


class TestKeptFiles:
    def received(self, text, actor=None):
        make_cluster()
        file = ContentFile(text, name="usage.txt")
        return services.receive_usage(file=file, file_name="usage.txt", cluster=CLUSTER, actor=actor, now=NOW)

    def test_a_task_imports_the_file_once(self, company, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            waiting = self.received(sacct(sacct_row(1, "gj901")))
            assert waiting.state == "waiting"
        again = services.finish_import(import_id=waiting.pk, now=NOW)
        assert (again.state, counts(again), len(again.sha256)) == ("imported", (1, 1, 0, 0, 0, 0), 64)
        assert UsageRecord.objects.count() == 1

    def test_a_file_that_is_no_usage_leaves_the_import_failed(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            waiting = self.received(b"hello")
        waiting.refresh_from_db()
        assert (waiting.state, bool(waiting.failure), waiting.read) == ("failed", True, 0)

    def test_only_the_credits_group_sends_files(self):
        with pytest.raises(NotAllowed):
            self.received(b"", actor=acting_staff(StaffGroup.LEASES))
