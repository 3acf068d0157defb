"""Usage that comes in by itself: the watched folder, and what a cluster answers."""

import os
import stat
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from incubator.running.slurm_commands import BadSlurmCommands, slurm_commands
from tenants.compute import services, tasks
from tenants.compute.cluster_commands import ClusterCommands, is_account_name
from tenants.compute.errors import ClusterCommandFailed
from tenants.compute.models import Reconciliation, Transfer, UsageImport, UsageRecord
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NOW, grant, import_rows, make_cluster, sacct, sacct_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    make_cluster()
    place = tmp_path / "usage"
    (place / CLUSTER).mkdir(parents=True)
    settings.USAGE_FOLDER = place
    return place


def lay(folder: Path, name: str, content: bytes, *, cluster: str = CLUSTER, seconds: int = 120) -> Path:
    """A file that was written to last so many seconds ago."""
    path = folder / cluster / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    then = timezone.now().timestamp() - seconds
    os.utime(path, (then, then))
    return path


def sweep(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_usage_folder()


def names(place: Path) -> list[str]:
    """Without the moment that stands in front of a moved file's name."""
    return sorted(path.name[16:] for path in place.iterdir()) if place.exists() else []


ROWS = sacct(sacct_row(1, "gj901"), sacct_row(2, "gj901"))


def test_a_complete_file_is_imported_and_moved(folder, django_capture_on_commit_callbacks):
    CompanyFactory(cluster_account="gj901")
    path = lay(folder, "사용량 1.txt", ROWS)
    sweep(django_capture_on_commit_callbacks)
    done = UsageImport.objects.get()
    assert (done.state, done.new, done.file_name, done.actor) == ("imported", 2, "사용량 1.txt", None)
    assert (path.exists(), names(folder / CLUSTER / "done")) == (False, ["사용량 1.txt"])


def test_a_csv_is_of_assigned_servers(folder, django_capture_on_commit_callbacks):
    row = f"{CLUSTER},gj901,gpu01,gres/gpu:h100,8,1795132800,1795136400"
    lay(folder, "servers.CSV", f"cluster,account,server,resource,units,start,end\n{row}\n".encode())
    lay(folder, "broken.csv", ROWS)
    sweep(django_capture_on_commit_callbacks)
    done = dict(UsageImport.objects.values_list("file_name", "state"))
    assert done == {"servers.CSV": "imported", "broken.csv": "failed"}
    assert set(UsageImport.objects.values_list("source", flat=True)) == {"servers"}


def test_the_same_file_again_changes_nothing(folder, django_capture_on_commit_callbacks):
    company = CompanyFactory(cluster_account="gj901")
    grant(company, 10**9)
    for _ in range(2):
        lay(folder, "a.txt", ROWS)
        sweep(django_capture_on_commit_callbacks)
        transfers = Transfer.objects.count()
    assert (UsageRecord.objects.count(), Transfer.objects.count()) == (2, transfers)
    assert list(UsageImport.objects.order_by("pk").values_list("new", "unchanged")) == [(2, 0), (0, 2)]
    assert names(folder / CLUSTER / "done") in (["a.txt", "a.txt"], ["1-a.txt", "a.txt"])


@pytest.mark.parametrize("name", ["a.txt.part", "a.tmp", ".a.txt", "a.xlsx", "~a.txt", "a"])
def test_what_is_no_finished_file_is_left_alone(folder, name, django_capture_on_commit_callbacks):
    path = lay(folder, name, ROWS)
    sweep(django_capture_on_commit_callbacks)
    assert (path.exists(), UsageImport.objects.exists()) == (True, False)


def test_a_file_that_is_still_written_to_waits(folder, django_capture_on_commit_callbacks):
    path = lay(folder, "a.txt", ROWS, seconds=30)
    sweep(django_capture_on_commit_callbacks)
    assert (path.exists(), UsageImport.objects.exists()) == (True, False)
    then = timezone.now() + timedelta(seconds=31)
    assert services.waiting_files(folder, then) == [(CLUSTER, "a.txt")]


def test_links_and_unknown_clusters_are_not_followed(folder, tmp_path, django_capture_on_commit_callbacks):
    secret = tmp_path / "secret.txt"
    secret.write_bytes(ROWS)
    (folder / CLUSTER / "link.txt").symlink_to(secret)
    (folder / "other").symlink_to(folder / CLUSTER)
    lay(folder, "a.txt", ROWS, cluster="nowhere")
    sweep(django_capture_on_commit_callbacks)
    assert not UsageImport.objects.exists()
    values = {"folder": folder, "cluster": CLUSTER, "actor": None, "now": timezone.now()}
    assert services.take_usage_file(name="../secret.txt", **values) is None
    assert services.take_usage_file(name="gone.txt", **values) is None


def test_what_is_no_usage_is_kept_aside_with_the_reason(folder, django_capture_on_commit_callbacks):
    lay(folder, "a.txt", b"hello\n")
    sweep(django_capture_on_commit_callbacks)
    failed = UsageImport.objects.get()
    assert (failed.state, len(failed.sha256), bool(failed.failure)) == ("failed", 64, True)
    assert names(folder / CLUSTER / "failed") == ["a.txt"]
    [kept] = (folder / CLUSTER / "failed").iterdir()
    assert kept.read_bytes() == b"hello\n"


def test_a_file_that_grew_meanwhile_stays(folder, monkeypatch, django_capture_on_commit_callbacks):
    path = lay(folder, "a.txt", ROWS)
    whole = services.fetching.import_usage

    def growing(source, **values):
        made = whole(source, **values)
        path.write_bytes(ROWS + b"more")
        return made

    monkeypatch.setattr(services.fetching, "import_usage", growing)
    sweep(django_capture_on_commit_callbacks)
    assert path.exists()


def test_only_managers_of_credits_take_files(folder):
    lay(folder, "a.txt", ROWS)
    with pytest.raises(NotAllowed):
        services.take_usage_file(
            folder=folder, cluster=CLUSTER, name="a.txt", actor=acting_staff(StaffGroup.LEASES), now=NOW
        )


@pytest.fixture
def reach(tmp_path: Path):
    """A prefix that runs whatever follows, as ssh does, but with these programs first in its path."""

    def make(**programs: str) -> tuple[str, ...]:
        for name, script in programs.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return ("env", f"PATH={tmp_path}:{os.environ['PATH']}")

    return make


def test_a_cluster_is_asked_for_seven_days(reach, tmp_path):
    cluster = make_cluster()
    (tmp_path / "rows").write_bytes(ROWS)
    prefix = reach(sacct=f'echo "$SLURM_TIME_FORMAT $TZ $@" > {tmp_path}/asked; cat {tmp_path}/rows')
    commands = ClusterCommands(CLUSTER, prefix)
    done = services.fetch_usage(cluster=cluster, commands=commands, actor=None, now=NOW)
    asked = (tmp_path / "asked").read_text().split()
    now = int(NOW.timestamp())
    assert asked[:7] == ["%s", "UTC", "-a", "-X", "-D", "-P", "-S"]
    assert (asked[7], asked[9]) == (f"uts{now - 7 * 86_400}", f"uts{now}")
    assert (done.state, done.new) == ("imported", 2)


@pytest.mark.parametrize("script", ["echo 'Host unreachable' >&2; exit 255", "echo Host unreachable; exit 1"])
def test_a_cluster_that_does_not_answer_is_a_failed_import(reach, script):
    commands = ClusterCommands(CLUSTER, reach(sacct=f"cat /dev/null; {script}"))
    failed = services.fetch_usage(cluster=make_cluster(), commands=commands, actor=None, now=NOW)
    if script.startswith("echo H"):
        # What it said went into the answer, of which nothing is believed.
        assert "status 1" in failed.failure
    else:
        assert "Host unreachable" in failed.failure
    assert (failed.state, UsageRecord.objects.count()) == ("failed", 0)


def test_an_answer_that_breaks_off_changes_nothing(reach, tmp_path):
    (tmp_path / "rows").write_bytes(ROWS)
    commands = ClusterCommands(CLUSTER, reach(sacct=f"cat {tmp_path}/rows; exit 1"))
    services.fetch_usage(cluster=make_cluster(), commands=commands, actor=None, now=NOW)
    assert UsageRecord.objects.count() == 0


def test_each_cluster_that_can_be_asked_is_asked(reach, tmp_path, settings):
    make_cluster()
    (tmp_path / "rows").write_bytes(ROWS)
    settings.SLURM_COMMANDS = {CLUSTER: list(reach(sacct=f"cat {tmp_path}/rows")), "unregistered": []}
    tasks.fetch_usage()
    assert UsageImport.objects.get().new == 2


def test_each_night_the_day_before_is_compared(reach, tmp_path, settings):
    """The day of the camp, asked for in UTC, whose heading names the last second that is in it."""
    make_cluster()
    day = timezone.localdate() - timedelta(days=1)
    start = timezone.make_aware(datetime.combine(day, time.min))
    first = int(start.timestamp())
    text = (
        f"Cluster/Account/User Utilization {first} - {first + 86_399} (86400 secs)\nUsage reported in TRES Seconds\n"
        "Cluster|Account|Login|Proper Name|TRES Name|Used\ncamp|root|||cpu|200\ncamp|gj901|||cpu|200\n"
    )
    (tmp_path / "total").write_text(text)
    script = f'echo "$@" > {tmp_path}/asked; cat {tmp_path}/total'
    settings.SLURM_COMMANDS = {CLUSTER: list(reach(sreport=script)), "unregistered": []}
    import_rows(sacct_row(1, "gj901", submit=first))
    tasks.reconcile()
    done = Reconciliation.objects.get()
    assert (done.ok, done.starts_at, done.ends_at) == (True, start, start + timedelta(days=1))
    asked = (tmp_path / "asked").read_text().split()
    window = [f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" for moment in (start, start + timedelta(days=1))]
    assert asked[-2:] == [f"start={window[0]}", f"end={window[1]}"]
    (tmp_path / "total").write_text(text.replace("|200", "|201"))
    tasks.reconcile()
    assert Reconciliation.objects.latest("pk").ok is False


def test_nothing_that_a_shell_would_read_goes_into_a_command():
    commands = ClusterCommands(CLUSTER, ("ssh", "login"))
    for bad in ("a;rm", "a b", "$(x)", "a'b", "", "a\nb", "a*"):
        with pytest.raises(ClusterCommandFailed):
            commands.run("sacctmgr", bad)
    assert is_account_name("gj001.a_b-c")
    for bad in ("", "-a", "a b", "a;b", "가", "a" * 61, "a\n"):
        assert not is_account_name(bad)


def test_what_takes_too_long_is_given_up(reach):
    commands = ClusterCommands(CLUSTER, reach(scontrol="exec sleep 30"))
    with pytest.raises(ClusterCommandFailed, match=r"1 s|did not"):
        commands.run("scontrol", "ping", seconds=1)


def test_operators_say_how_clusters_are_reached():
    assert slurm_commands("") == {}
    assert slurm_commands('{"gjlab": "ssh -p 22 login", "local": ""}') == {
        "gjlab": ["ssh", "-p", "22", "login"],
        "local": [],
    }
    for bad in ("ssh login", "[]", '{"a": 1}', '{"a": "\'"}'):
        with pytest.raises(BadSlurmCommands):
            slurm_commands(bad)
