"""Days of meetings at the camp's own size: how many are proven best, how quick, and how repairs fare.

Time is told by the clock and by the processor: on a busy machine only the second says much.
"""

import statistics
import time
from collections.abc import Callable

import pytest

from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_check import check_repair, check_timetable
from incubator.optimise.timetable_repair import repair
from incubator.optimise.timetable_types import Day
from tests.performance.conftest import Bench
from tests.performance.days import demo_day, mentor_day, upset


@pytest.mark.parametrize(
    ("name", "make", "days", "least", "cancellations"),
    [
        ("mentor day 73 x 24 x 16", mentor_day, 100, 0.95, 3),
        ("demo day 73 x 60 x 24", demo_day, 200, 0.95, 5),
    ],
)
def test_days(
    bench: Bench, name: str, make: Callable[[int], Day], days: int, least: float, cancellations: int
) -> None:
    wall, processor, repair_wall, repair_processor, moved = [], [], [], [], []
    proven = meetings = waits = 0
    for seed in range(days):
        day = make(seed)
        began, spent = time.perf_counter(), time.process_time()
        found = arrange(day)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - spent)
        assert check_timetable(day, found) == []
        proven += found.gap == 0
        meetings += len(found.meetings)
        waits += found.waits
        changes = upset(day, cancellations, seed)
        began, spent = time.perf_counter(), time.process_time()
        mended = repair(day, found, changes)
        repair_wall.append(time.perf_counter() - began)
        repair_processor.append(time.process_time() - spent)
        assert check_repair(day, found, changes, mended) == []
        assert mended.proven
        moved.append(len(mended.moved) / len(found.meetings))
    for what, times in (
        ("by the clock", wall),
        ("processor", processor),
        ("repair by the clock", repair_wall),
        ("repair processor", repair_processor),
    ):
        bench.figure(f"{name}, {what}, median", round(statistics.median(times) * 1000, 1), "ms")
        bench.figure(f"{name}, {what}, slowest", round(max(times) * 1000, 1), "ms")
    bench.figure(f"{name}, proven best of {days}", proven, "days")
    bench.figure(f"{name}, meetings", round(meetings / days, 1), "a day")
    bench.figure(f"{name}, waits of all people", round(waits / days, 1), "a day")
    bench.figure(f"{name}, moved by a repair at most", round(max(moved) * 100, 2), "%")
    assert proven >= least * days
    assert max(moved) <= 0.05
