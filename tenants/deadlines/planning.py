"""Which reminder of a clock is due on a day. Knows no Django.

A clock has a reminder 90, 60, 30 and 7 days ahead. On any day the nearest of those whose day has come is the one to send; those
before it that nobody sent are superseded by it. So a run that comes late sends one reminder where it missed several.
"""

from collections.abc import Collection
from dataclasses import dataclass

STAGES = (90, 60, 30, 7)


@dataclass(frozen=True)
class Plan:
    """`send` is the stage to send now, None when none is; `superseded` the earlier ones that nobody sent."""

    send: int | None = None
    superseded: tuple[int, ...] = ()


NOTHING = Plan()


def nearest_stage(days_left: int) -> int | None:
    """The stage nearest to the due day among those whose day has come; None while the first is still ahead."""
    return min((stage for stage in STAGES if days_left <= stage), default=None)


def plan(days_left: int, noted: Collection[int]) -> Plan:
    """What to send `days_left` days before the due day to somebody for whom the stages `noted` are written down already.

    Once a stage is noted, none before it is sent any more, whichever way the calendar jumps.
    """
    stage = nearest_stage(days_left)
    if stage is None or any(done <= stage for done in noted):
        return NOTHING
    return Plan(stage, tuple(each for each in STAGES if each > stage and each not in noted))
