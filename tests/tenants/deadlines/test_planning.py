"""Which stage is sent on which day: the rule alone, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.deadlines.planning import STAGES, Plan, nearest_stage, plan

DUE = date(2027, 2, 28)


@pytest.mark.parametrize(
    ("days_left", "stage"),
    [
        (400, None),
        (91, None),
        (90, 90),
        (61, 90),
        (60, 60),
        (31, 60),
        (30, 30),
        (8, 30),
        (7, 7),
        (0, 7),
        (-40, 7),
    ],
)
def test_the_nearest_stage_whose_day_has_come(days_left, stage):
    assert nearest_stage(days_left) == stage


@pytest.mark.parametrize(
    ("days_left", "noted", "expected"),
    [
        (91, set(), Plan()),
        (90, set(), Plan(90)),
        (89, {90}, Plan()),
        (60, {90}, Plan(60)),
        (5, set(), Plan(7, (90, 60, 30))),
        (5, {90}, Plan(7, (60, 30))),
        (5, {90, 60, 30, 7}, Plan()),
        # A clock that was set back: what is noted for later stands, nothing before it is sent.
        (65, {60}, Plan()),
        (95, {7}, Plan()),
    ],
)
def test_what_to_send(days_left, noted, expected):
    assert plan(days_left, noted) == expected


def sent_by(days_of_runs):
    """The stages that runs on these days send, in order, and all that is noted."""
    noted, sent = set(), []
    for day in days_of_runs:
        found = plan((DUE - day).days, noted)
        if found.send is not None:
            sent.append(found.send)
            assert not noted & {found.send, *found.superseded}
            noted |= {found.send, *found.superseded}
    return sent, noted


RUNS = st.lists(st.integers(-60, 120).map(lambda left: DUE - timedelta(days=left)), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS)
def test_whatever_the_days_of_the_runs_no_stage_twice_and_the_nearest_never_missed(runs):
    sent, noted = sent_by(runs)
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent, reverse=True)
    for seen in range(len(runs)):
        sent_until, _noted = sent_by(runs[: seen + 1])
        nearest = nearest_stage((DUE - max(runs[: seen + 1])).days)
        # The run that came furthest has sent the nearest stage of its day, at the latest.
        assert nearest is None or nearest in sent_until
    assert noted == {stage for stage in STAGES if sent and stage >= min(sent)}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS)
def test_running_each_day_twice_changes_nothing(runs):
    assert sent_by([day for day in runs for _twice in range(2)]) == sent_by(runs)
