"""Our records beside the scheduler's own totals: equal to the second, or an alarm that somebody has to answer."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from incubator.reporting.inbox import inbox_of
from tenants.compute import errors, services
from tenants.compute.enums import ImportSource
from tenants.compute.models import Cluster, Reconciliation, ReconciliationLine
from tenants.compute.moments import parse_moment
from tenants.compute.sreport import ControlTotal
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NINE, NOW, import_rows, make_cluster, sacct_row

pytestmark = pytest.mark.django_db

START = datetime.fromtimestamp(NINE, UTC)
END = START + timedelta(hours=1)


def report(*totals: tuple[str, str, int], cluster: str = CLUSTER) -> io.BytesIO:
    rows = [f"{cluster}|{account}|||{resource}|{seconds}\n" for account, resource, seconds in totals]
    return io.BytesIO("".join(rows).encode())


def reconcile(*totals: tuple[str, str, int], **values) -> Reconciliation:
    asked = {"cluster": CLUSTER, "start": START, "end": END, "actor": None, "now": NOW, **values}
    return services.reconcile_usage(report(*totals), **asked)


def differing(done: Reconciliation) -> dict[tuple[str, str], int]:
    return {(line.account, line.resource): line.difference for line in done.lines.all() if line.difference}


def test_jobs_over_the_edges_of_the_hour_are_clipped():
    import_rows(
        sacct_row(1, "a", seconds=100, submit=NINE - 40),
        sacct_row(2, "a", seconds=100, submit=NINE + 3550, units="cpu=3"),
        sacct_row(3, "b", seconds=10_000, submit=NINE - 100, units="cpu=1,gres/gpu:h100=2,gres/gpu=2"),
        sacct_row(4, "c", seconds=100, submit=NINE - 100),
        sacct_row(5, "c", seconds=100, submit=NINE + 3600),
    )
    done = reconcile(
        ("root", "cpu", 120 + 150 + 3600),
        ("a", "cpu", 120 + 150),
        ("b", "cpu", 3600),
        ("root", "gres/gpu", 7200),
        ("b", "gres/gpu", 7200),
    )
    assert (differing(done), done.ok, done.compared, done.differing) == ({}, True, 6, 0)


def test_what_still_runs_counts_from_its_start_to_the_end_of_the_window():
    import_rows(
        sacct_row(1, "a", seconds=100, state="RUNNING", end="Unknown", submit=NINE + 3000, units="cpu=2"),
        sacct_row(2, "a", seconds=0, state="PENDING", start="Unknown", end="Unknown", units=""),
    )
    assert reconcile(("a", "cpu", 1200)).ok


def test_only_the_current_revision_of_a_row_counts():
    import_rows(sacct_row(1, "a", seconds=100))
    import_rows(sacct_row(1, "a", seconds=0))
    assert reconcile(("a", "cpu", 0)).ok
    assert differing(reconcile(("a", "cpu", 200))) == {("a", "cpu"): -200}


SERVERS = f"""cluster,account,server,resource,units,start,end
{CLUSTER},a,gpu01,gres/gpu:h100,8,{NINE - 100},{NINE + 200}
{CLUSTER},b,gpu02,gres/gpu:h100,4,{NINE},{NINE + 10}
"""


def test_totals_of_assigned_servers():
    """Of servers alone: jobs of the same hour are the scheduler's to count."""
    import_rows(sacct_row(1, "a", seconds=100))
    cluster = Cluster.objects.get(name=CLUSTER)
    services.import_usage(
        io.BytesIO(SERVERS.encode()), cluster=CLUSTER, actor=None, now=NOW, kind=ImportSource.SERVERS
    )
    values = {"cluster": cluster, "start": START, "end": END, "source": "csv", "sha256": "0" * 64}
    totals = [ControlTotal("a", "gres/gpu:h100", 1600), ControlTotal("b", "gres/gpu:h100", 41)]
    done = services.reconcile_totals(**values, totals=totals, actor=None, now=NOW)
    assert differing(done) == {("b", "gres/gpu:h100"): -1}
    assert reconcile(("a", "cpu", 200), ("a", "gres/gpu", 0)).ok
    read = {("a", "gres/gpu:h100"): 2400, ("b", "gres/gpu:h100"): 41}
    again = services.reconcile_totals(**values, totals=totals, actor=None, now=NOW, ours=read)
    assert differing(again) == {("a", "gres/gpu:h100"): 800}


def test_the_file_says_its_window_and_no_other_may_be_given():
    make_cluster()
    text = f"# window {NINE} {NINE + 3600}\n".encode()
    values = {"cluster": CLUSTER, "actor": None, "now": NOW}
    done = services.reconcile_usage(io.BytesIO(text), **values)
    assert (done.starts_at, done.ends_at, len(done.sha256)) == (START, END, 64)
    with pytest.raises(errors.WindowDiffers):
        services.reconcile_usage(io.BytesIO(text), **values, start=START, end=END + timedelta(seconds=1))
    with pytest.raises(errors.WindowMissing):
        reconcile(("a", "cpu", 1), end=None)
    with pytest.raises(errors.WindowWrong):
        reconcile(("a", "cpu", 1), end=START)


def test_what_is_no_total_leaves_nothing():
    make_cluster()
    with pytest.raises(errors.NotSreport) as refused:
        services.reconcile_usage(
            io.BytesIO(b"camp|a|||cpu|-1\n"), cluster=CLUSTER, start=START, end=END, actor=None, now=NOW
        )
    assert str(refused.value).startswith(("Line 1", "1"))
    with pytest.raises(errors.UnknownCluster):
        reconcile(cluster="elsewhere")
    with pytest.raises(NotAllowed):
        reconcile(("a", "cpu", 1), actor=acting_staff(StaffGroup.LEASES))
    assert not Reconciliation.objects.exists()


def test_nobody_changes_what_was_compared():
    make_cluster()
    done = reconcile(("a", "cpu", 1))
    empty = {"totals": [], "source": "csv", "sha256": "0" * 64, "actor": None, "now": NOW}
    services.reconcile_totals(cluster=done.cluster, start=START, end=END, **empty)
    for change in (
        lambda: Reconciliation.objects.filter(pk=done.pk).update(ok=True, differing=0),
        lambda: Reconciliation.objects.filter(lines__isnull=True).delete(),
        lambda: ReconciliationLine.objects.update(theirs_seconds=0, difference=0),
        lambda: ReconciliationLine.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
    services.settle_reconciliation(reconciliation=done, reason="a reservation", actor=None, now=NOW)
    with pytest.raises(errors.NothingToSettle):
        services.settle_reconciliation(reconciliation=done, reason="another", actor=None, now=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Reconciliation.objects.filter(pk=done.pk).update(settled_reason="other words")


def entries(kind: str) -> int:
    now = timezone.now()
    found = inbox_of(acting_staff(StaffGroup.CREDITS), now, timezone.localdate(now))
    return len([entry for entry in found.entries if entry.kind == kind])


def test_a_difference_waits_in_the_inbox_until_it_is_gone_or_explained():
    import_rows(sacct_row(1, "a", seconds=100), now=timezone.now())
    reconcile(("a", "cpu", 300))
    assert entries("difference") == 1
    import_rows(sacct_row(2, "a", seconds=50))
    reconcile(("a", "cpu", 300))
    assert entries("difference") == 0
    again = reconcile(("a", "cpu", 301))
    assert entries("difference") == 1
    services.settle_reconciliation(reconciliation=again, reason="a reservation", actor=None, now=NOW)
    assert entries("difference") == 0


def test_a_cluster_whose_usage_is_late_waits_in_the_inbox():
    now = timezone.now()
    import_rows(sacct_row(1, "a"), now=now - timedelta(minutes=61))
    assert entries("late_usage") == 1
    import_rows(sacct_row(1, "a"), now=now - timedelta(minutes=59))
    assert entries("late_usage") == 0
    make_cluster("new")
    assert entries("late_usage") == 0
    Cluster.objects.filter(name="new").update(created_at=now - timedelta(hours=2))
    assert entries("late_usage") == 1
    Cluster.objects.filter(name="new").update(late_minutes=0)
    assert entries("late_usage") == 0


def run(*arguments: str) -> tuple[list[str], str, int]:
    out = io.StringIO()
    try:
        call_command("reconcile_usage", *arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return out.getvalue().splitlines(), str(error), error.returncode
    return out.getvalue().splitlines(), "", 0


def test_the_command_prints_both_sides_and_its_status_says_it(tmp_path: Path):
    import_rows(sacct_row(1, "a", seconds=100))
    path = tmp_path / "sreport.txt"
    path.write_bytes(report(("a", "cpu", 200)).read())
    window = ("--cluster", CLUSTER, "--start", str(NINE), "--end", "2026-11-20T10:00")
    equal = ["ok      a cpu: ours 200, theirs 200, difference +0", "compared 1, differing 0"]
    assert run(*window, str(path)) == (equal, "", 0)
    path.write_bytes(report(("a", "cpu", 201)).read())
    out, _said, status = run(*window, str(path))
    assert (out[0], status) == ("DIFFERS a cpu: ours 200, theirs 201, difference -1", 1)
    assert run(*window, str(tmp_path / "none"))[2] == 2
    assert run("--cluster", CLUSTER, "--start", "yesterday", str(path))[2] == 2
    assert run("--cluster", "nowhere", str(path))[2] == 1


def test_moments_are_seconds_or_iso_in_the_camps_time():
    assert (
        parse_moment("2026-11-20T09:00") == parse_moment(str(NINE)) == parse_moment("2026-11-20 00:00+00:00")
    )
    for wrong in ("", "x", "-1", "999999999999", "2026-13-01"):
        with pytest.raises(ValueError):
            parse_moment(wrong)


def test_a_manager_compares_explains_and_takes_the_lines_along(client):
    CompanyFactory(cluster_account="a")
    import_rows(sacct_row(1, "a", seconds=100))
    cluster = Cluster.objects.get()
    sign_in(client, staff_member(StaffGroup.CREDITS))
    page = "/admin/compute/reconciliation"
    form = {"cluster": cluster.pk, "start": "2026-11-20 09:00", "end": str(NINE + 3600)}
    file = SimpleUploadedFile("=s.txt", report(("a", "cpu", 201), ("=b", "cpu", 0)).read())
    assert client.post(f"{page}/upload/", {**form, "file": file}).status_code == 302
    done = Reconciliation.objects.get()
    assert (done.ok, done.differing, done.file_name) == (False, 1, "=s.txt")
    shown = client.get(f"{page}/{done.pk}/change/", headers={"accept-language": "en"}).content.decode()
    assert "a, cpu: ours 200 s, theirs 201 s, difference -1 s" in shown.replace("−", "-")
    csv = client.get(f"{page}/{done.pk}/lines-csv/").content.decode("utf-8-sig").splitlines()
    assert csv[1:] == ["a,cpu,200,201,-1,", "'=b,cpu,0,0,0,"]
    assert client.post(f"{page}/{done.pk}/explain/", {"reason": "예약"}).status_code == 302
    assert client.post(f"{page}/{done.pk}/explain/", {"reason": "또"}).status_code == 200
    bad = SimpleUploadedFile("s.txt", b"camp|a|||cpu|x\n")
    refused = client.post(f"{page}/upload/", {**form, "start": "soon", "file": bad})
    assert (refused.status_code, Reconciliation.objects.count()) == (200, 1)
