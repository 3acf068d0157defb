"""Limits follow the ledger: what is written to a scheduler, what is warned of, and what is left alone."""

import io
import re

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from tenants.compute import errors, services, tasks
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.models import AccountLimit, Cluster, LimitSync
from tenants.compute.services.following import GATHER_SECONDS, follow_limits
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NOW, grant, import_rows, make_cluster, make_pool, sacct_row
from tests.factories.fake_slurm import FakeSlurm

pytestmark = pytest.mark.django_db

H100_MINUTE = 60 * 67_000
GRANT = 600 * H100_MINUTE


@pytest.fixture
def slurm(tmp_path, settings) -> FakeSlurm:
    cache.clear()
    fake = FakeSlurm(tmp_path)
    settings.SLURM_COMMANDS = {CLUSTER: fake.prefix}
    return fake


@pytest.fixture
def company():
    return CompanyFactory(cluster_account="gj901")


def sync(slurm: FakeSlurm, **values) -> LimitSync:
    commands = ClusterCommands(CLUSTER, tuple(slurm.prefix))
    return services.sync_slurm(
        **{"cluster": make_cluster(), "commands": commands, "actor": None, "now": NOW, **values}
    )


def warned(done: LimitSync) -> list[str]:
    return [each["code"] for line in done.lines.all() for each in line.warnings]


def limits(gflop: int, **counted: int) -> dict[str, int]:
    """What a balance buys of each resource, on top of what was counted."""
    rates = {"cpu": 40, "gres/gpu": 8_100, "gres/gpu:h100": 67_000}
    return {code: max(gflop, 0) // rate // 60 + counted.get(code, 0) for code, rate in rates.items()}


def test_a_grant_becomes_a_limit_and_the_same_again_changes_nothing(slurm, company):
    slurm.account("gj901", {"cpu": 30, "gres/gpu": 7, "gres/gpu:h100": 7})
    grant(company, GRANT)
    done = sync(slurm)
    after = limits(GRANT, **{"cpu": 30, "gres/gpu": 7, "gres/gpu:h100": 7})
    assert (done.state, done.accounts, done.changed, slurm.limit_of("gj901")) == ("done", 1, 1, after)
    [line] = done.lines.all()
    assert (line.company, line.balance_gflop, line.outcome, line.warnings) == (company, GRANT, "written", [])
    assert AccountLimit.objects.get().minutes == after
    again = sync(slurm)
    assert (again.changed, again.lines.count(), len(slurm.asked("sacctmgr"))) == (0, 0, 1)


def test_used_credits_come_off_and_what_was_counted_stays(slurm, company):
    """One hour of ten GPUs: the scheduler counts 600 minutes, the ledger charges them, and the limit does not move."""
    slurm.account("gj901")
    grant(company, 2 * GRANT)
    sync(slurm)
    before = slurm.limit_of("gj901")["gres/gpu:h100"]
    import_rows(sacct_row(1, "gj901", seconds=3600, units="gres/gpu:h100=10,gres/gpu=10"))
    slurm.account("gj901", {"gres/gpu": 600, "gres/gpu:h100": 600}, slurm.limit_of("gj901"))
    sync(slurm)
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == before == 1200


def test_running_jobs_are_counted_there_and_not_yet_charged_here(slurm, company):
    slurm.account("gj901", {"gres/gpu": 100, "gres/gpu:h100": 100})
    grant(company, GRANT)
    units = "gres/gpu:h100=10,gres/gpu=10"
    import_rows(sacct_row(1, "gj901", seconds=600, state="RUNNING", end="Unknown", units=units, limit="6000"))
    done = sync(slurm)
    assert done.lines.get().balance_gflop == 500 * H100_MINUTE
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 600


def test_an_emptied_balance_leaves_nothing_to_start_with(slurm, company):
    grant(company, 60 * H100_MINUTE)
    import_rows(sacct_row(1, "gj901", seconds=3700, units="gres/gpu:h100=1,gres/gpu=1"))
    slurm.account("gj901", {"gres/gpu": 61, "gres/gpu:h100": 61})
    sync(slurm)
    assert (slurm.limit_of("gj901"), slurm.submit_of("gj901")) == (
        {"cpu": 0, "gres/gpu": 61, "gres/gpu:h100": 61},
        None,
    )


def test_a_grant_for_one_resource_opens_no_other(slurm, company):
    slurm.account("gj901")
    grant(company, GRANT, resources=["gres/gpu:h100"])
    sync(slurm)
    assert slurm.limit_of("gj901") == {"cpu": 0, "gres/gpu": 600, "gres/gpu:h100": 600}


def test_debt_comes_off_a_new_grant(slurm, company):
    make_pool()
    import_rows(sacct_row(1, "gj901", seconds=600, units="gres/gpu:h100=10,gres/gpu=10"))
    grant(company, GRANT)
    slurm.account("gj901", {"gres/gpu:h100": 100})
    sync(slurm)
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 600


def test_without_a_grant_the_account_is_suspended_until_there_is_one(slurm, company):
    slurm.account("gj901")
    lot = grant(company, GRANT)
    services.claw_back(allocation=lot, reason="unused", actor=None, now=NOW)
    sync(slurm)
    assert (slurm.submit_of("gj901"), set(slurm.limit_of("gj901").values())) == (0, {0})
    assert sync(slurm).changed == 0
    grant(company, GRANT)
    [line] = sync(slurm).lines.all()
    assert (slurm.submit_of("gj901"), line.submit) == (None, -1)
    assert sync(slurm).changed == 0


def test_a_dry_run_says_the_same_and_writes_nothing(slurm, company):
    slurm.account("gj901")
    grant(company, GRANT)
    dry = sync(slurm, dry_run=True)
    assert (dry.changed, dry.dry_run, dry.lines.get().outcome) == (1, True, "planned")
    assert (slurm.limit_of("gj901"), slurm.asked("sacctmgr"), AccountLimit.objects.count()) == ({}, [], 0)
    assert sync(slurm).lines.get().after == dry.lines.get().after


def test_hand_edits_and_missing_accounts_are_warned_of(slurm, company):
    slurm.account("gj901")
    missing = CompanyFactory(cluster_account="gj902")
    for each in (company, missing):
        grant(each, GRANT)
    assert warned(sync(slurm)) == ["missing_account"]
    whole = slurm.limit_of("gj901")
    slurm.account("gj901", limit={**whole, "cpu": 10**9})
    assert warned(sync(slurm)) == ["hand_edit", "missing_account"]
    assert slurm.limit_of("gj901") == whole
    assert warned(sync(slurm)) == ["missing_account"]


def test_a_scheduler_that_forgets_or_does_not_enforce_is_warned_of(slurm):
    slurm.configure(PriorityDecayHalfLife="7-00:00:00", AccountingStorageEnforce="associations,limits")
    done = sync(slurm)
    assert [each["code"] for each in done.warnings] == ["decay", "not_safe"]
    assert all("%(" not in text for text in done.warning_texts)


def test_an_account_name_that_a_shell_would_read_never_gets_into_a_command(slurm):
    company = CompanyFactory(cluster_account="gj;reboot")
    grant(company, GRANT)
    slurm.account("gj;reboot")
    assert warned(sync(slurm)) == ["bad_name"]
    assert slurm.asked("sacctmgr") == []


def test_the_wrong_cluster_is_not_touched(slurm, company):
    slurm.account("gj901")
    slurm.configure(ClusterName="elsewhere")
    grant(company, GRANT)
    done = sync(slurm)
    assert (done.state, slurm.limit_of("gj901")) == ("failed", {})
    assert "elsewhere" in done.failure


@pytest.mark.parametrize("program", ["scontrol", "sacctmgr", "sshare"])
def test_a_cluster_that_does_not_answer_is_a_failed_sync(slurm, company, program):
    slurm.break_program(program)
    done = sync(slurm)
    assert (done.state, "Unable to contact" in done.failure) == ("failed", True)


def test_what_cannot_be_written_is_said_and_written_the_next_time(slurm, company, monkeypatch):
    slurm.account("gj901")
    grant(company, GRANT)
    run = ClusterCommands.run

    def refusing(self, program, *words, **options):
        if "modify" in words:
            raise errors.ClusterCommandFailed(cluster="camp", program=program, said="locked")
        return run(self, program, *words, **options)

    with monkeypatch.context() as patch:
        patch.setattr(ClusterCommands, "run", refusing)
        failed = sync(slurm)
    assert (failed.state, failed.lines.get().outcome, AccountLimit.objects.count()) == ("failed", "failed", 0)
    assert sync(slurm).lines.get().outcome == "written"


def test_running_jobs_are_cancelled_only_when_told_and_nothing_is_left(slurm, company):
    slurm.account("gj901")
    lot = grant(company, GRANT)
    with pytest.raises(errors.StillFunded):
        sync(slurm, cancel_running=["gj901"])
    with pytest.raises(errors.StillFunded):
        sync(slurm, cancel_running=["somebody"])
    services.claw_back(allocation=lot, reason="unused", actor=None, now=NOW)
    sync(slurm)
    assert slurm.asked("scancel") == []
    assert sync(slurm, dry_run=True, cancel_running=["gj901"]).cancelled == []
    assert sync(slurm, cancel_running=["gj901"]).cancelled == ["gj901"]
    assert slurm.asked("scancel") == [["--account=gj901", "--state=RUNNING"]]


def test_only_managers_of_credits_write_limits(slurm):
    with pytest.raises(NotAllowed):
        sync(slurm, actor=acting_staff(StaffGroup.LEASES))


def test_after_a_change_the_limit_follows_by_itself(slurm, company, django_capture_on_commit_callbacks):
    slurm.account("gj901")
    Cluster.objects.filter(pk=make_cluster().pk).update(limits_enabled=True)
    with django_capture_on_commit_callbacks(execute=True):
        pool = make_pool()
        lot = grant(company, GRANT, pool)
    assert (LimitSync.objects.count(), GATHER_SECONDS < 60) == (1, True)
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 600
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.claw_back(
            allocation=lot, amount_gflop=60 * H100_MINUTE, reason="unused", actor=None, now=NOW
        )
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 540
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        import_rows(sacct_row(1, "gj901", seconds=3600, units="gres/gpu:h100=1,gres/gpu=1"))
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 480


def test_many_changes_are_one_sync(slurm, company, django_capture_on_commit_callbacks):
    slurm.account("gj901")
    Cluster.objects.filter(pk=make_cluster().pk).update(limits_enabled=True)
    for number in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            grant(company, GRANT, key=str(number))
    assert LimitSync.objects.count() == 1


def test_a_change_that_is_taken_back_does_not_silence_one_that_stays(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            follow_limits()
            transaction.set_rollback(True)
        follow_limits()
        with transaction.atomic():
            follow_limits()
    assert len(callbacks) == 1


def test_clusters_that_do_not_want_it_are_left_alone(slurm, company):
    slurm.account("gj901")
    grant(company, GRANT)
    make_cluster()
    tasks.follow_limits()
    tasks.sync_cluster_limits(CLUSTER)
    assert (LimitSync.objects.count(), slurm.asked("sacctmgr")) == (0, [])


def run(*arguments: str) -> tuple[list[str], list[str], int]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("sync_slurm", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().splitlines(), [*err.getvalue().splitlines(), str(error)], error.returncode
    return out.getvalue().splitlines(), err.getvalue().splitlines(), 0


def test_the_command_prints_the_difference_found_and_made(slurm, company):
    make_cluster()
    slurm.account("gj901", limit={"cpu": 5})
    grant(company, GRANT)
    slurm.configure(PriorityUsageResetPeriod="MONTHLY")
    after = limits(GRANT)
    changes = f"gj901: cpu 5 → {after['cpu']}, gres/gpu - → {after['gres/gpu']}, gres/gpu:h100 - → 600"
    out, err, status = run("--cluster", CLUSTER, "--dry-run")
    assert (out, status) == ([f"{changes} (planned)", "accounts 1, would change 1"], 0)
    assert re.match(r"warning: .*PriorityUsageResetPeriod", err[0])
    assert run("--cluster", CLUSTER)[0] == [f"{changes} (written)", "accounts 1, changed 1"]
    assert run("--cluster", CLUSTER)[0] == ["accounts 1, changed 0"]
    assert run("--cluster", CLUSTER, "--prefix", " ".join(slurm.prefix))[0] == ["accounts 1, changed 0"]


def test_the_commands_status_says_what_went_wrong(slurm, company):
    make_cluster()
    assert run("--cluster", "nowhere")[2] == 1
    assert run("--cluster", CLUSTER, "--prefix", "'")[2] == 2
    assert run("--cluster", CLUSTER, "--cancel-running", "gj901")[2] == 1
    slurm.break_program("sshare")
    assert run("--cluster", CLUSTER)[2] == 1
    with pytest.raises(CommandError):
        call_command("sync_slurm")


def test_a_manager_sees_the_difference_before_writing_it(slurm, company, client):
    cluster = make_cluster()
    slurm.account("gj901")
    grant(company, GRANT)
    sign_in(client, staff_member(StaffGroup.CREDITS))
    page = f"/admin/compute/cluster/{cluster.pk}/write-limits/"
    shown = client.get(page, headers={"accept-language": "en"}).content.decode()
    assert "H100 no limit → 600 minutes" in shown
    assert (slurm.limit_of("gj901"), LimitSync.objects.count()) == ({}, 0)
    assert client.post(page).status_code == 302
    assert slurm.limit_of("gj901")["gres/gpu:h100"] == 600
    done = LimitSync.objects.get()
    kept = client.get(f"/admin/compute/limitsync/{done.pk}/change/", headers={"accept-language": "en"})
    assert "H100 no limit → 600 minutes" in kept.content.decode()
    assert (
        "Every limit stands as it should."
        in client.get(page, headers={"accept-language": "en"}).content.decode()
    )
    slurm.break_program("scontrol")
    assert "Unable to contact" in client.get(page).content.decode()


def test_a_cluster_that_nobody_can_reach_says_so(client, settings):
    settings.SLURM_COMMANDS = {}
    cluster = make_cluster()
    sign_in(client, staff_member(StaffGroup.CREDITS))
    page = f"/admin/compute/cluster/{cluster.pk}/write-limits/"
    assert "SLURM_COMMANDS" in client.get(page).content.decode()
    assert client.post(page).status_code == 200
