"""`make bench`: what a benchmark measured becomes a row of the closing table and of `VAR/bench.json`."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from incubator.running.environment import var_folder

_ROWS = pytest.StashKey[list[dict[str, Any]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


class Bench:
    """Takes the time of a call, or a figure measured otherwise."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def figure(self, name: str, value: float, unit: str) -> None:
        """Keep one figure."""
        self._rows.append({"name": name, "value": value, "unit": unit})

    def time(self, name: str, call: Callable[[], object], *, rounds: int = 20) -> None:
        """Keep the median and the slowest of `rounds` calls in milliseconds, after one that warms up."""
        call()
        spent = []
        for _ in range(rounds):
            began = time.perf_counter()
            call()
            spent.append((time.perf_counter() - began) * 1000)
        self._rows.append(
            {
                "name": name,
                "value": round(statistics.median(spent), 2),
                "unit": "ms",
                "slowest": round(max(spent), 2),
            }
        )


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.config.stash[_ROWS])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(_ROWS, [])
    if not rows:
        return
    width = max(len(row["name"]) for row in rows)
    terminalreporter.section("benchmarks")
    for row in rows:
        slowest = f"   slowest {row['slowest']:>10,.2f}" if "slowest" in row else ""
        terminalreporter.write_line(
            f"{row['name']:<{width}} {row['value']:>12,.2f} {row['unit']:<6}{slowest}"
        )
    target = var_folder() / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    about = {"python": platform.python_version(), "machine": platform.machine()}
    target.write_text(json.dumps({**about, "results": rows}, indent=2) + "\n")
    terminalreporter.write_line(f"written to {target}")
