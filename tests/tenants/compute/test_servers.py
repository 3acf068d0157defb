"""Servers assigned for a period: a documented CSV, charged as jobs are."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from tenants.compute import errors, services
from tenants.compute.checking import check_ledger
from tenants.compute.models import AssignedServer, JobHold, Reconciliation, UsageRecord
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NOW, grant, make_cluster

pytestmark = pytest.mark.django_db
HEADER = "cluster,account,server,resource,units,start,end"
DAY = 86_400
H100 = 67_000


@pytest.fixture
def company():
    return CompanyFactory(cluster_account="gj901")


@pytest.fixture(autouse=True)
def ledger_stays_sound():
    yield
    assert check_ledger().broken == {}


def read(*rows, header=HEADER, now=NOW):
    make_cluster()
    text = "\n".join([header, *rows, ""]).encode()
    return services.import_usage(BytesIO(text), cluster=CLUSTER, kind="servers", actor=None, now=now)


def counts(done):
    return done.read, done.new, done.changed, done.unchanged, done.unattributed, done.rejected


ROW = "camp,gj901,gpu-07,gres/gpu:h100,8,2026-11-01,2026-11-10"


def test_an_assignment_is_charged_by_the_second_and_the_last_day_is_held(company):
    lot = grant(company, 10**12)
    assert counts(read(ROW)) == (1, 1, 0, 0, 0, 0)
    record = UsageRecord.objects.select_related("posting").get()
    assert (record.kind, record.job_shown, record.elapsed_seconds) == ("server", "gpu-07", 10 * DAY)
    assert record.charge_gflop == 8 * H100 * 10 * DAY
    assert record.lines == [
        {"resource": "gres/gpu:h100", "units": 8, "rate": H100, "gflop": 8 * H100 * 10 * DAY}
    ]
    assert record.started_at == datetime(2026, 10, 31, 15, tzinfo=UTC)
    lot.account.refresh_from_db()
    assert lot.account.balance_gflop == 10**12 - 8 * H100 * 10 * DAY
    assert check_ledger().charged == {"gj901": 8 * H100 * 10 * DAY}


def test_the_same_again_changes_nothing_and_another_end_corrects(company):
    read(ROW)
    assert counts(read(ROW, "", ROW)) == (2, 0, 0, 2, 0, 0)
    assert counts(read(ROW.replace("11-10", "11-09"))) == (1, 0, 1, 0, 0, 0)
    assert check_ledger().charged == {"gj901": 8 * H100 * 9 * DAY}
    assert AssignedServer.objects.count() == 1


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-11-01T00:00:00+09:00", "2026-11-01T06:30:00+09:00", 23_400),
        ("2026-11-01 00:00", "2026-11-01 06:30", 23_400),
        ("1793458800", "1793458801", 1),
        ("2026-11-01T00:00:00Z", "2026-11-01T09:00:00", 0),
    ],
)
def test_moments_are_written_in_several_ways(company, start, end, seconds):
    read(f"camp,gj901,n1,cpu,4,{start},{end}")
    assert UsageRecord.objects.get().elapsed_seconds == seconds


def test_an_assignment_that_goes_on_is_held_until_it_ends(company):
    open_end = ROW.replace("2026-11-10", "")
    assert counts(read(open_end)) == (1, 1, 0, 0, 0, 0)
    hold = JobHold.objects.get()
    assert (hold.kind, hold.phase) == ("server", "running")
    assert hold.amount_gflop == 8 * H100 * int((NOW - datetime(2026, 10, 31, 15, tzinfo=UTC)).total_seconds())
    to_come = read(ROW.replace("2026-11-10", "2026-12-31"))
    assert (counts(to_come), JobHold.objects.get().amount_gflop) == ((1, 0, 1, 0, 0, 0), 8 * H100 * 61 * DAY)
    read(ROW)
    assert (check_ledger().held_jobs, check_ledger().charged) == (0, {"gj901": 8 * H100 * 10 * DAY})


def test_jobs_and_servers_of_one_number_are_two(company):
    from tests.factories.compute import import_rows, sacct_row

    read(ROW)
    server = AssignedServer.objects.get()
    import_rows(sacct_row(server.pk, "gj901", submit=1_793_458_800))
    assert sorted(UsageRecord.objects.values_list("kind", "job_id")) == [
        ("job", server.pk),
        ("server", server.pk),
    ]


def test_rows_that_cannot_be_used_are_named_and_the_rest_is_imported(company):
    done = read(
        "camp,gj901,n1,cpu,4,2026-11-01",
        "camp,gj901,n1,cpu,-4,2026-11-01,2026-11-02",
        "camp,gj901,n1,cpu,4,2027-02-29,2027-03-01",
        "camp,gj901,n1,cpu,4,2026-11-02,2026-10-30",
        "elsewhere,gj901,n1,cpu,4,2026-11-01,2026-11-02",
        "camp,gj901,,cpu,4,2026-11-01,2026-11-02",
        "camp,gj901,n1,한 개,4,2026-11-01,2026-11-02",
        "camp,gj901,n1,cpu,9007199254740992,2026-11-01,2026-11-02",
        "camp,nobody,n1,cpu,4,2026-11-01,2026-11-02",
        'camp,gj901,"서버, 둘",gres/tpu:v5,4,2026-11-01,2026-11-02',
    )
    assert counts(done) == (10, 2, 0, 0, 1, 8)
    assert [(row.line, row.code) for row in done.rejected_rows.all()] == [
        (2, "too_few_columns"),
        (3, "negative"),
        (4, "not_a_time"),
        (5, "ends_before_start"),
        (6, "other_cluster"),
        (7, "empty_value"),
        (8, "bad_resource"),
        (9, "charge_overflow"),
    ]
    assert all(row.reason for row in done.rejected_rows.all())
    free = UsageRecord.objects.select_related("posting").get(display_id="서버, 둘")
    assert (free.charge_gflop, free.unrated) == (0, ["gres/tpu:v5"])


@pytest.mark.parametrize(
    "header", ["", "a,b,c", "cluster,account,server,resource,units,start", HEADER + ",units", "\0" + HEADER]
)
def test_a_file_that_is_none_is_refused_whole(header):
    with pytest.raises(errors.NotUsage):
        read(header=header)


def test_the_file_s_own_totals_are_compared(company):
    read(ROW, f"# total gj901 gres/gpu:h100 {8 * 10 * DAY}")
    assert Reconciliation.objects.get().ok
    read(ROW, f"# total gj901 gres/gpu:h100 {8 * 10 * DAY + 1}", f"# total gj901 cpu {DAY}")
    wrong = Reconciliation.objects.order_by("pk").last()
    assert (wrong.ok, wrong.differing) == (False, 2)
    differences = {line.resource: line.difference for line in wrong.lines.all()}
    assert {name: abs(by) for name, by in differences.items()} == {"gres/gpu:h100": 1, "cpu": DAY}
