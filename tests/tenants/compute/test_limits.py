"""Which limits a cluster's accounts should have: out of plain numbers, without a cluster."""

import pytest

from tenants.compute.limit_words import LIMIT_WARNINGS
from tenants.compute.limits import (
    MOST_MINUTES,
    Purse,
    Written,
    config_warnings,
    limited,
    minutes_left,
    plan_limits,
)
from tenants.compute.scheduler_text import (
    Association,
    UnreadableError,
    parse_associations,
    parse_config,
    parse_shares,
    parse_tracked,
)

RATES = {"cpu": 40, "gres/gpu": 8_100, "gres/gpu:h100": 67_000, "gres/gpu:t4": 8_100}
TRACKED = frozenset({"cpu", "mem", "energy", "billing", "gres/gpu", "gres/gpu:h100"})
CODES = ["cpu", "gres/gpu", "gres/gpu:h100"]
HOUR = 3_600 * 67_000  # one H100 for an hour


def purse(gflop: int, *, account: str = "a", granted: bool = True, **only: int) -> Purse:
    return Purse(account, 1, {**dict.fromkeys(RATES, gflop), **only}, gflop, granted)


def plan(*purses: Purse, found=None, used=None, written=None, tracked=TRACKED):
    return plan_limits(
        purses,
        associations={each.account: each for each in ([Association("a")] if found is None else found)},
        counted={"a": {"cpu": 0, "gres/gpu": 0}} if used is None else used,
        rates=RATES,
        tracked=tracked,
        written=written or {},
    )


def test_each_resource_gets_the_minutes_that_the_balance_would_buy_of_it_alone():
    assert limited(RATES, TRACKED) == CODES
    assert minutes_left({"cpu": HOUR, "gres/gpu": HOUR, "gres/gpu:h100": HOUR}, RATES, CODES) == {
        "cpu": HOUR // 40 // 60,
        "gres/gpu": HOUR // 8_100 // 60,
        "gres/gpu:h100": 60,
    }


def test_minutes_are_rounded_down_and_never_below_zero():
    gflop = 60 * 67_000
    assert minutes_left({"gres/gpu:h100": 2 * gflop - 1}, RATES, ["gres/gpu:h100"]) == {"gres/gpu:h100": 1}
    assert minutes_left({"gres/gpu:h100": 2 * gflop}, RATES, ["gres/gpu:h100"]) == {"gres/gpu:h100": 2}
    for spent in (0, -1, -(10**18)):
        assert minutes_left(dict.fromkeys(CODES, spent), RATES, CODES) == dict.fromkeys(CODES, 0)
    assert minutes_left({"cpu": 2**63}, {"cpu": 1}, ["cpu"]) == {"cpu": MOST_MINUTES}


def test_gpus_of_any_type_get_what_their_best_paid_type_gets():
    only_h100 = {"cpu": 0, "gres/gpu": 0, "gres/gpu:h100": HOUR}
    assert minutes_left(only_h100, RATES, CODES) == {"cpu": 0, "gres/gpu": 60, "gres/gpu:h100": 60}


def test_the_limit_is_what_was_counted_and_what_is_left():
    [found] = plan(purse(HOUR), used={"a": {"cpu": 7, "gres/gpu": 5, "gres/gpu:h100": 5, "billing": 99}})
    assert found.after == {
        "cpu": 7 + HOUR // 2400,
        "gres/gpu": 5 + HOUR // 8_100 // 60,
        "gres/gpu:h100": 65,
    }
    assert found.before == dict.fromkeys(CODES, None)
    assert (found.changes, found.submit, found.warnings) == (True, None, ())


def test_the_same_again_changes_nothing():
    [first] = plan(purse(HOUR))
    stands = Association("a", minutes=dict(first.after))
    [again] = plan(purse(HOUR), found=[stands], written={"a": Written(first.after, False)})
    assert (again.changes, again.after, again.warnings) == (False, first.after, ())


def test_a_limit_that_stands_there_is_never_read_back():
    [echoed] = plan(purse(HOUR), found=[Association("a", minutes=dict.fromkeys(CODES, 10**9))])
    assert echoed.after == plan(purse(HOUR))[0].after


def test_an_emptied_balance_leaves_what_was_counted():
    [found] = plan(purse(-5), used={"a": {"cpu": 7, "gres/gpu": 3, "gres/gpu:h100": 3}})
    assert (found.after, found.submit) == ({"cpu": 7, "gres/gpu": 3, "gres/gpu:h100": 3}, None)


def test_resources_that_the_cluster_does_not_count_or_nobody_pays_are_left_alone():
    [found] = plan(purse(HOUR), tracked={"cpu", "mem", "billing", "license/matlab"})
    assert set(found.after) == {"cpu"}


def test_without_any_grant_the_account_is_suspended_and_resumed_with_the_next():
    [found] = plan(purse(0, granted=False))
    assert (found.submit, found.suspended) == (0, True)
    closed, ours = [Association("a", submit=0)], {"a": Written({}, True)}
    assert plan(purse(0, granted=False), found=closed, written=ours)[0].submit is None
    [resumed] = plan(purse(HOUR), found=closed, written=ours)
    assert (resumed.submit, resumed.suspended) == (-1, False)


def test_what_others_closed_stays_closed():
    [found] = plan(purse(HOUR), found=[Association("a", submit=0)])
    assert (found.submit, [each.code for each in found.warnings]) == (None, ["closed_by_hand"])
    assert plan(purse(HOUR), found=[Association("a", submit=4)])[0].warnings == ()


def test_what_others_opened_is_closed_again_and_said():
    [found] = plan(purse(0, granted=False), written={"a": Written({}, True)})
    assert (found.submit, [each.code for each in found.warnings]) == (0, ["opened_by_hand"])


def test_a_limit_changed_by_hand_is_said_and_written_over():
    after = plan(purse(HOUR))[0].after
    written = {"a": Written(after, False)}
    [found] = plan(purse(HOUR), found=[Association("a", minutes={**after, "cpu": 99})], written=written)
    [warned] = found.warnings
    assert (warned.code, warned.params) == (
        "hand_edit",
        {"resource": "cpu", "written": after["cpu"], "found": 99},
    )
    assert (found.changes, found.after) == (True, after)
    [removed] = plan(purse(HOUR), found=[Association("a")], written=written)
    assert [each.params["found"] for each in removed.warnings] == ["–"] * 3
    # Where it stands as it should by now, somebody else's writing was ours, cut off before it was noted.
    assert (
        plan(
            purse(2 * HOUR),
            found=[Association("a", minutes=dict(plan(purse(2 * HOUR))[0].after))],
            written=written,
        )[0].warnings
        == ()
    )


def test_an_account_that_is_not_there_is_said_where_it_has_credits():
    [found] = plan(purse(HOUR, account="b"))
    assert (found.changes, [each.code for each in found.warnings]) == (False, ["missing_account"])
    [silent] = plan(purse(0, account="b", granted=False))
    assert (silent.changes, silent.warnings) == (False, ())
    [uncounted] = plan(purse(HOUR), used={})
    assert (uncounted.changes, [each.code for each in uncounted.warnings]) == (False, ["not_counted"])


CONFIG = """Configuration data as of 2026-11-22T20:48:10
AccountingStorageEnforce = {enforce}
AccountingStorageTRES   = cpu,mem,energy,node,billing,fs/disk,vmem,pages,gres/gpu,gres/gpu:h100
ClusterName             = gjlab
PriorityDecayHalfLife   = {decay}
PriorityUsageResetPeriod = {reset}
PriorityType            = {priority}
"""
GOOD = {
    "enforce": "associations,limits,qos,safe",
    "decay": "00:00:00",
    "reset": "NONE",
    "priority": "priority/multifactor",
}


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({}, []),
        ({"decay": "7-00:00:00"}, ["decay"]),
        ({"decay": "00:02:00"}, ["decay"]),
        ({"reset": "MONTHLY"}, ["usage_reset"]),
        ({"priority": "priority/basic"}, ["not_multifactor"]),
        ({"enforce": "associations,limits,qos"}, ["not_safe"]),
        ({"enforce": "associations"}, ["not_enforced"]),
        ({"enforce": "none"}, ["not_enforced"]),
        ({"enforce": "all"}, []),
    ],
)
def test_a_configuration_that_keeps_limits_from_holding_is_said(values, codes):
    config = parse_config(CONFIG.format(**{**GOOD, **values}))
    assert [each.code for each in config_warnings(config)] == codes
    assert config.cluster == "gjlab"
    assert set(codes) <= set(LIMIT_WARNINGS)


def test_a_configuration_without_a_cluster_is_none():
    with pytest.raises(UnreadableError):
        parse_config("slurm_load_ctl_conf error: Unable to contact slurm controller\n")


def test_accounts_and_their_limits_are_read():
    text = """gjcamp||root||
gj001||gjcamp|cpu=600,gres/gpu:h100=100,gres/gpu=120|
gj001|daemon|||
gj002||gjcamp|cpu=0|0
"""
    assert parse_associations(text) == {
        "gjcamp": Association("gjcamp", "root"),
        "gj001": Association("gj001", "gjcamp", {"cpu": 600, "gres/gpu:h100": 100, "gres/gpu": 120}),
        "gj002": Association("gj002", "gjcamp", {"cpu": 0}, 0),
    }


def test_counted_minutes_and_tracked_resources_are_read():
    text = "root||cpu=1,gres/gpu=0\n root|root|cpu=0,gres/gpu=0\n gj001||cpu=1,gres/gpu:h100=7\n"
    assert parse_shares(text) == {
        "root": {"cpu": 1, "gres/gpu": 0},
        "gj001": {"cpu": 1, "gres/gpu:h100": 7},
    }
    assert parse_tracked("cpu|\nfs|disk\ngres|gpu\ngres|gpu:h100\n") == {
        "cpu",
        "fs/disk",
        "gres/gpu",
        "gres/gpu:h100",
    }


@pytest.mark.parametrize(
    "line", ["gj001", "a||b|cpu=x|", "a||b|cpu|", "a||b||x", "a||b|cpu=-1|", "a|b|c|d|e|f"]
)
def test_lines_that_nobody_asked_for_are_refused(line):
    with pytest.raises(UnreadableError):
        parse_associations(f"{line}\n")
