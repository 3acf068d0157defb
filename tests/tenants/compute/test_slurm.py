"""Reading sacct output. The table is the day of a real cluster: requeues, reused job ids, running jobs."""

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator

import pytest

from tenants.compute.slurm import (
    FIRST_RATES,
    MAX_LINE_BYTES,
    REASONS,
    REQUIRED_COLUMNS,
    Attempt,
    ChargeLine,
    Rejected,
    SacctError,
    charge_of,
    read_sacct,
)
from tenants.compute.text_lines import Source

ZERO = 1_795_361_310

# Raw job id, submit, account, state, start, end, elapsed seconds, cores and H100s held; times from ZERO.
DAY = """
1 0 gj001 COMPLETED 0 6 6 2 0
2 0 gj001 COMPLETED 0 25 25 8 2
3 0 gj001 FAILED 0 4 4 1 0
4 0 gj002 TIMEOUT 0 67 67 4 1
5 0 gj002 CANCELLED 0 4 4 2 0
8 0 gj002 REQUEUED 0 10 10 4 0
9 0 gj002 COMPLETED 0 3 3 1 0
10 0 gj003 COMPLETED 117 122 5 4 0
11 0 gj003 COMPLETED 0 6 6 1 0
15 0 gj002 COMPLETED 1 21 10 1 0
12 0 gj001 COMPLETED 0 2 2 1 0
13 0 gj001 COMPLETED 0 4 4 1 0
14 0 gj001 COMPLETED 0 6 6 1 0
16 0 gj001 FAILED 3 11 8 1 0
17 0 gj001 COMPLETED 4 14 10 1 0
7 0 gj001 COMPLETED 7 19 12 1 0
8 10 gj002 COMPLETED 131 156 25 4 0
18 117 gj001 COMPLETED 117 118 1 1 0
19 117 gj002 COMPLETED 117 120 3 1 0
20 117 gj002 COMPLETED 117 120 3 1 1
21 117 gj002 COMPLETED 119 122 3 1 0
22 117 gj002 COMPLETED 119 122 3 1 1
23 157 exp_safe CANCELLED None 182 0 4 0
24 157 exp_safe COMPLETED 158 178 20 2 0
25 157 exp_safe COMPLETED 158 178 20 2 0
26 157 exp_safe CANCELLED 178 182 4 2 0
27 188 exp_hard TIMEOUT 189 246 57 4 0
28 188 exp_hard COMPLETED 189 190 1 1 0
29 288 gj001 COMPLETED 292 295 3 1 0
30 298 exp_zero CANCELLED None 301 0 0 0
31 327 gj001 COMPLETED 328 330 2 1 0
32 432 gj002 COMPLETED 432 472 40 1 0
33 434 gj001 NODE_FAIL 435 438 3 2 2
34 442 gj001 FAILED 442 442 0 1 0
35 487 exp_uf COMPLETED 488 508 20 6 0
36 487 exp_uf COMPLETED 488 508 20 6 0
37 487 gj001 PREEMPTED 488 493 5 64 8
37 493 gj001 CANCELLED_by_0 None 511 0 0 0
38 493 gj002 COMPLETED 493 501 8 8 4
39 501 gj002 DEADLINE 501 501 0 0 0
40 614 gj002 CANCELLED 614 614 0 2 0
1 693 gj002 FAILED 693 693 0 1 0
2 728 exp_decay CANCELLED None 730 0 8 0
3 736 exp_decay FAILED 741 741 0 8 0
5000 1031 exp_decay COMPLETED 1035 1080 45 8 0
5001 1410 gj001 COMPLETED 1410 1610 200 8 2
5003 1410 gj002 CANCELLED_by_1004 1410 1422 12 4 1
5004 1410 gj003 COMPLETED 1410 1420 10 4 0
5005 1410 gj002 TIMEOUT 1410 1483 73 2 0
5008 1410 gj002 REQUEUED 1411 1422 11 2 0
5009 1410 gj002 CANCELLED_by_0 None 2053 0 0 0
5006 1410 gj001 COMPLETED 1410 1440 30 2 0
5007 1410 gj001 FAILED 1410 1440 30 2 0
5010 1410 gj001 COMPLETED 1441 1471 30 2 0
5011 1410 gj001 COMPLETED 1441 1471 30 2 0
5002 1410 gj001 COMPLETED 1471 1501 30 2 0
5008 1422 gj002 COMPLETED 1544 1584 40 2 0
5012 1538 gj001 COMPLETED 1539 1659 120 8 4
5014 1538 gj003 COMPLETED 1539 1564 25 1 0
5015 1538 gj003 COMPLETED 1564 1589 25 1 0
5016 1538 gj003 COMPLETED 1590 1615 25 1 0
5013 1538 gj003 COMPLETED 1615 1640 25 1 0
5017 2053 gj002 COMPLETED 2053 2061 8 32 0
5018 2053 gj001 COMPLETED 2053 2058 5 64 8
5019 2065 gj003 CANCELLED_by_0 2066 2241 175 2 0
5020 2241 gj001 RUNNING 2241 Unknown 32 8 4
5022 2241 gj002 PENDING Unknown Unknown 0 0 0
5023 2241 gj001 COMPLETED 2242 2262 20 1 0
5024 2241 gj001 RUNNING 2262 Unknown 11 1 0
"""

HEADER = "JobIDRaw|Cluster|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES"


def tres(cores: int, gpus: int) -> str:
    if not cores:
        return ""
    gpu = f"gres/gpu:h100={gpus},gres/gpu={gpus}," if gpus else ""
    return f"billing={cores},cpu={cores},{gpu}mem={cores * 2000}M,node=1"


def day() -> str:
    rows = [HEADER]
    for fact in DAY.split("\n")[1:-1]:
        job, submit, account, state, start, end, elapsed, cores, gpus = fact.split()
        submit, start, end = (str(ZERO + int(t)) if t.isdigit() else t for t in (submit, start, end))
        held = tres(int(cores), int(gpus))
        rows.append(
            "|".join(
                [job, "gjlab", account, state.replace("_by_", " by "), submit, start, end, elapsed, held]
            )
        )
    return "\n".join(rows) + "\n"


def row(**changes: str) -> str:
    values = {
        "JobIDRaw": "7",
        "Cluster": "gjlab",
        "Account": "gj001",
        "State": "COMPLETED",
        "Submit": "1795361310",
        "Start": "1795361320",
        "End": "1795361330",
        "ElapsedRaw": "10",
        "AllocTRES": "cpu=2",
    } | changes
    return "|".join(values.values()) + "\n"


def one(text: str) -> Attempt | Rejected:
    [found] = read_sacct(io.StringIO(f"{HEADER}\n{text}"))
    return found


def attempt(**changes: str) -> Attempt:
    found = one(row(**changes))
    assert isinstance(found, Attempt), found
    return found


def refusal(**changes: str) -> tuple[str, str, str]:
    found = one(row(**changes))
    assert isinstance(found, Rejected), found
    return found.code, found.column, found.value


def test_the_day_of_a_real_cluster_costs_what_it_cost() -> None:
    charged: Counter[str] = Counter()
    phases: Counter[str] = Counter()
    for found in read_sacct(io.BytesIO(day().encode())):
        assert isinstance(found, Attempt)
        phases[found.phase] += 1
        if found.phase == "ended":
            owner = "exp" if found.account.startswith("exp_") else found.account
            charge = charge_of(found.units, found.elapsed_seconds, FIRST_RATES.get)
            assert charge.unrated == ()
            charged[owner] += charge.total_gflop
    assert charged == {"gj001": 68_223_600, "gj002": 7_882_880, "gj003": 20_640, "exp": 36_680}
    assert phases == {"ended": 66, "running": 2, "pending": 1}


def test_the_first_hour_adds_up_to_the_clusters_own_rollup() -> None:
    seconds: Counter[tuple[str, str]] = Counter()
    for found in read_sacct(io.StringIO(day())):
        assert isinstance(found, Attempt)
        if found.started is not None and found.started < 1_795_363_200:
            seconds[found.account, "cpu"] += found.elapsed_seconds * found.units.get("cpu", 0)
            seconds[found.account, "gpu"] += found.elapsed_seconds * found.units.get("gres/gpu:h100", 0)
    assert {key: total for key, total in seconds.items() if total} == {
        ("gj001", "cpu"): 3450,
        ("gj002", "cpu"): 841,
        ("gj003", "cpu"): 166,
        ("exp_decay", "cpu"): 360,
        ("exp_hard", "cpu"): 229,
        ("exp_safe", "cpu"): 88,
        ("exp_uf", "cpu"): 240,
        ("gj001", "gpu"): 976,
        ("gj002", "gpu"): 117,
    }


def test_every_attempt_of_the_day_has_its_own_identity() -> None:
    attempts = [found for found in read_sacct(io.StringIO(day())) if isinstance(found, Attempt)]
    assert len({(a.cluster, a.job_id, a.submit) for a in attempts}) == len(attempts) == 69
    assert len({(a.cluster, a.job_id) for a in attempts}) == 63


def test_an_attempt_holds_what_the_row_says_in_any_column_order() -> None:
    text = (
        "AllocTRES|Comment|JobID|JobIDRaw|QOS|Partition|TimelimitRaw|User|Suspended|DBIndex"
        "|Cluster|Account|State|Submit|Start|End|ElapsedRaw\n"
        "billing=254,cpu=64,gres/gpu:H100=8,gres/gpu=8,mem=62.50G,node=1|안녕|7_6|7|high|gpu|10|jisoo|1-00:01:10|26"
        "|gjlab|gj001|CANCELLED by 1004|100|200|300|90\n"
    )
    [found] = read_sacct(io.BytesIO(text.encode()))
    assert found == Attempt(
        line=2,
        cluster="gjlab",
        job_id=7,
        submit=100,
        account="gj001",
        user="jisoo",
        state="CANCELLED",
        cancelled_by="1004",
        started=200,
        ended=300,
        elapsed_seconds=90,
        units={"billing": 254, "cpu": 64, "gres/gpu:h100": 8, "mem": 64_000, "node": 1},
        partition="gpu",
        qos="high",
        timelimit_seconds=600,
        display_id="7_6",
        db_index=26,
        suspended_seconds=86_470,
    )


@pytest.mark.parametrize(
    ("changes", "phase"),
    [
        ({}, "ended"),
        ({"State": "CANCELLED by 1004", "Start": "None", "ElapsedRaw": "0"}, "ended"),
        ({"State": "REQUEUED"}, "ended"),
        ({"State": "RUNNING", "End": "Unknown"}, "running"),
        ({"State": "RUNNING"}, "running"),
        ({"State": "SUSPENDED", "End": "Unknown"}, "running"),
        ({"State": "COMPLETED", "End": "Unknown"}, "running"),
        ({"State": "PENDING", "Start": "Unknown", "End": "Unknown", "ElapsedRaw": "0"}, "pending"),
        ({"State": "CONFIGURING", "Start": "None", "End": "Unknown", "ElapsedRaw": "0"}, "pending"),
    ],
)
def test_only_an_attempt_that_is_over_and_has_its_end_has_ended(changes: dict[str, str], phase: str) -> None:
    assert attempt(**changes).phase == phase


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", {}),
        ("cpu=4,gres/gpu:h100=2,gres/gpu=2", {"cpu": 4, "gres/gpu:h100": 2}),
        ("gres/gpu=2,gres/gpu:h100=2", {"gres/gpu:h100": 2}),
        (
            "gres/gpu=5,gres/gpu:h100=2,gres/gpu:a100=1",
            {"gres/gpu": 2, "gres/gpu:h100": 2, "gres/gpu:a100": 1},
        ),
        ("gres/gpu=1,gres/gpu:h100=2", {"gres/gpu:h100": 2}),
        ("gres/gpu:t4=3", {"gres/gpu:t4": 3}),
        ("gres/gpu=3", {"gres/gpu": 3}),
        ("mem=2000M", {"mem": 2000}),
        ("mem=62.50G", {"mem": 64_000}),
        ("mem=1.50T", {"mem": 1_572_864}),
        ("mem=1536K", {"mem": 2}),
        ("mem=1535K", {"mem": 1}),
        ("mem=512", {"mem": 512}),
        ("cpu=1,energy=18446744073709551614", {"cpu": 1}),
        ("bb/cray=1.50G,license/matlab=2", {"bb/cray": 1536, "license/matlab": 2}),
    ],
)
def test_units(text: str, units: dict[str, int]) -> None:
    assert attempt(AllocTRES=text).units == units


@pytest.mark.parametrize("limit", ["", "UNLIMITED", "Partition_Limit"])
def test_no_time_limit(limit: str) -> None:
    text = f"{HEADER}|TimelimitRaw\n{row().strip()}|{limit}\n"
    [found] = read_sacct(io.StringIO(text))
    assert isinstance(found, Attempt)
    assert found.timelimit_seconds is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Cluster": ""}, ("empty_value", "Cluster", "")),
        ({"JobIDRaw": "7_6"}, ("not_a_number", "JobIDRaw", "7_6")),
        ({"JobIDRaw": "٧"}, ("not_a_number", "JobIDRaw", "٧")),
        ({"ElapsedRaw": "1_0"}, ("not_a_number", "ElapsedRaw", "1_0")),
        ({"ElapsedRaw": "1.5"}, ("not_a_number", "ElapsedRaw", "1.5")),
        ({"ElapsedRaw": ""}, ("not_a_number", "ElapsedRaw", "")),
        ({"ElapsedRaw": "-1"}, ("negative", "ElapsedRaw", "-1")),
        ({"ElapsedRaw": "9007199254740993"}, ("overflow", "ElapsedRaw", "9007199254740993")),
        ({"ElapsedRaw": "9" * 200}, ("overflow", "ElapsedRaw", "9" * 79 + "…")),
        ({"Submit": "Unknown"}, ("not_a_number", "Submit", "Unknown")),
        ({"Submit": "2026-11-22T15:00:00"}, ("local_time", "Submit", "2026-11-22T15:00:00")),
        ({"End": "2026-11-22T15:00:00"}, ("local_time", "End", "2026-11-22T15:00:00")),
        ({"End": "253402300800"}, ("overflow", "End", "253402300800")),
        ({"Start": "1795361331"}, ("ends_before_start", "End", "1795361330")),
        ({"Start": "None"}, ("no_start", "Start", "None")),
        ({"State": "DONE"}, ("unknown_state", "State", "DONE")),
        ({"State": "completed"}, ("unknown_state", "State", "completed")),
        ({"AllocTRES": "cpu"}, ("bad_tres", "AllocTRES", "cpu")),
        ({"AllocTRES": "cpu=1,cpu=1"}, ("bad_tres", "AllocTRES", "cpu=1")),
        ({"AllocTRES": "mem=4X"}, ("bad_tres", "AllocTRES", "mem=4X")),
        ({"AllocTRES": "mem=1e9M"}, ("bad_tres", "AllocTRES", "mem=1e9M")),
        ({"AllocTRES": "mem=-1M"}, ("negative", "AllocTRES", "mem=-1M")),
        ({"AllocTRES": "mem=99999999E"}, ("overflow", "AllocTRES", "mem=99999999E")),
        ({"AllocTRES": "cpu=-2"}, ("negative", "AllocTRES", "-2")),
        ({"AllocTRES": "cpu=2.5"}, ("not_a_number", "AllocTRES", "2.5")),
        ({"AllocTRES": "gres/gpu=9007199254740993"}, ("overflow", "AllocTRES", "9007199254740993")),
        ({"Account": "ㄱ" * 256}, ("text_too_long", "Account", "")),
    ],
)
def test_a_value_that_cannot_be_used(changes: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert refusal(**changes) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"7|gjlab|gj001\n", "too_few_columns"),
        (row(Account="a|b").encode(), "too_many_columns"),
        (row().encode().rstrip(b"\n"), "cut_line"),
        (row()[:20].encode(), "cut_line"),
        (row(Account="a\0b").encode(), "nul_byte"),
        (row().encode().replace(b"gj001", "기업".encode("cp949")), "not_utf8"),
        (row(Account="x" * MAX_LINE_BYTES).encode(), "line_too_long"),
        (b"x" * (3 * MAX_LINE_BYTES), "line_too_long"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_the_next_is_read(raw: bytes, code: str) -> None:
    reader = read_sacct(io.BytesIO(HEADER.encode() + b"\n" + row().encode() + raw))
    first, second = reader
    assert isinstance(first, Attempt)
    assert isinstance(second, Rejected)
    assert (second.line, second.code) == (3, code)
    assert second.reason == REASONS[code] % second.params
    if raw.endswith(b"\n"):
        found = list(read_sacct(io.BytesIO(HEADER.encode() + b"\n" + raw + row().encode())))
        assert [type(each) for each in found] == [Rejected, Attempt]
        assert found[1].line == 3


def test_a_message_says_the_place_and_the_value() -> None:
    found = one(row(Submit="2026-11-22T15:00:00"))
    assert isinstance(found, Rejected)
    assert found.reason == (
        "Submit is a local time without an offset: 2026-11-22T15:00:00; have sacct print seconds since 1970"
    )
    found = one("7|gjlab\n")
    assert isinstance(found, Rejected)
    assert found.reason == "2 columns instead of 9"


def test_steps_are_passed_over_and_counted() -> None:
    text = (
        f"{HEADER}\n" + row() + row(JobIDRaw="7.batch", Account="") + row(JobIDRaw="7.0") + row(JobIDRaw="8")
    )
    reader = read_sacct(io.StringIO(text))
    assert [found.job_id for found in reader if isinstance(found, Attempt)] == [7, 8]
    assert (reader.lines, reader.steps) == (4, 2)


@pytest.mark.parametrize("missing", REQUIRED_COLUMNS)
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(SacctError, match=f"^Missing columns: {missing}$") as caught:
        read_sacct(io.StringIO(HEADER.replace(missing, "Other", 1) + "\n"))
    assert (caught.value.code, caught.value.columns) == ("missing_columns", (missing,))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04\x14\x00", "not_sacct"),
        ("기업명,분야\n".encode("cp949"), "not_sacct"),
        (b"name,sector\n", "not_sacct"),
        (b"x" * (2 * MAX_LINE_BYTES), "not_sacct"),
        (HEADER.encode() + b"|Submit\n", "duplicate_columns"),
    ],
)
def test_a_file_that_is_no_sacct_output(data: bytes, code: str) -> None:
    with pytest.raises(SacctError) as caught:
        read_sacct(io.BytesIO(data))
    assert caught.value.code == code


def test_every_kind_of_source_gives_the_same_attempts() -> None:
    text = day()
    expected = list(read_sacct(io.BytesIO(text.encode())))
    assert len(expected) == 69
    sources: list[Source] = [
        io.StringIO(text),
        text.splitlines(),
        text.splitlines(keepends=True),
        iter(text.encode().splitlines(keepends=True)),
        text,
        text.encode(),
        io.BytesIO(text.replace("\n", "\r\n").encode()),
        io.BytesIO(b"\xef\xbb\xbf" + text.encode()),
    ]
    for source in sources:
        assert list(read_sacct(source)) == expected


def test_the_last_of_some_lines_may_be_cut_too() -> None:
    *_, last = read_sacct(iter([f"{HEADER}\n", row(), row().rstrip("\n")]))
    assert isinstance(last, Rejected)
    assert last.code == "cut_line"


def test_outputs_put_together_repeat_their_header() -> None:
    text = f"{HEADER}\n" + row() + "\n" + f"{HEADER}\n" + row(JobIDRaw="8")
    reader = read_sacct(io.StringIO(text))
    assert [(found.line, type(found)) for found in reader] == [(2, Attempt), (5, Attempt)]
    assert reader.lines == 2


def test_a_line_without_end_is_never_held_in_memory() -> None:
    class Endless:
        """Fifty megabytes without a line break after the header; keeps the largest piece asked for."""

        def __init__(self) -> None:
            self.left = 800
            self.largest = 0

        def read(self, size: int) -> bytes:
            self.largest = max(self.largest, size)
            if self.left == 800:
                self.left -= 1
                return HEADER.encode() + b"\n"
            if self.left == 0:
                return b""
            self.left -= 1
            return b"x" * size

    source = Endless()
    tracemalloc.start()
    try:
        [found] = read_sacct(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found, Rejected)
    assert found.code == "line_too_long"
    assert source.largest == MAX_LINE_BYTES
    assert peak < 1_000_000


def test_rows_are_read_one_at_a_time() -> None:
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        yield f"{HEADER}\n"
        while True:
            taken += 1
            yield row(JobIDRaw=str(taken))

    reader = read_sacct(lines())
    first = next(reader)
    assert isinstance(first, Attempt)
    assert (first.job_id, taken) == (1, 1)


def test_a_charge_is_seconds_times_units_times_rate() -> None:
    units = {"billing": 47, "cpu": 8, "gres/gpu:h100": 2, "mem": 32_000, "node": 1}
    charge = charge_of(units, 200, FIRST_RATES.get)
    assert charge.lines == (
        ChargeLine("cpu", 8, 40, 64_000),
        ChargeLine("gres/gpu:h100", 2, 67_000, 26_800_000),
    )
    assert charge.total_gflop == 26_864_000
    assert charge.unrated == ()


def test_what_has_no_rate_costs_nothing_and_is_named() -> None:
    units = {
        "cpu": 1,
        "gres/gpu:b200": 4,
        "license/matlab": 1,
        "gres/ipu": 0,
        "billing": 9,
        "mem": 1,
        "node": 1,
    }
    charge = charge_of(units, 10, FIRST_RATES.get)
    assert charge.total_gflop == 400
    assert charge.unrated == ("gres/gpu:b200", "license/matlab")


def test_a_manager_may_rate_memory_but_never_billing() -> None:
    charge = charge_of({"billing": 5, "mem": 3}, 10, lambda resource: 2)
    assert charge.lines == (ChargeLine("mem", 3, 2, 60),)


def test_a_charge_that_no_ledger_holds_is_refused() -> None:
    assert charge_of({"cpu": 1}, 2**62, lambda resource: 1).total_gflop == 2**62
    with pytest.raises(OverflowError):
        charge_of({"cpu": 2}, 2**62, lambda resource: 1)
