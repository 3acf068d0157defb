"""Reading by columns: whatever the text, it says what the reader of rows says."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.compute import bulk
from tenants.compute.proof import held_text
from tenants.compute.slurm import Attempt, Rejected, SacctError, SacctReader

COLUMNS = (
    "JobIDRaw|Cluster|Account|User|JobID|State|Submit|Start|End|ElapsedRaw|TimelimitRaw|Suspended|AllocTRES"
)
T = 1_795_132_800


class OneByte:
    """A source that gives what it has in small pieces."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = BytesIO(data), size

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(self._size, size) if size > 0 else self._size)


def by_rows(text: bytes) -> tuple[list, list, list]:
    """Ended, live and rejected rows, as the reader of rows tells them."""
    ended, live, rejected = [], [], []
    for row in SacctReader(BytesIO(text)):
        if isinstance(row, Attempt):
            row = bulk.fault(row, "camp") or row
        if isinstance(row, Rejected):
            rejected.append(row)
        elif row.phase == "ended":
            shown = bulk.shown_id(row.display_id, row.job_id)
            ended.append(
                (row.line, row.job_id, row.submit, shown, row.account, row.user, row.state, row.started, row.ended,
                 row.elapsed_seconds, held_text(row.units))
            )  # fmt: skip
        else:
            live.append(row)
    return ended, live, rejected


def by_columns(text: bytes, piece: int = bulk.BLOCK) -> tuple[list, list, list]:
    ended, live, rejected = [], [], []
    for block in bulk.BlockReader(OneByte(text, piece), "camp"):
        ended += block.ended.rows()
        live += block.live
        rejected += block.rejected
    return ended, live, rejected


digits = st.one_of(
    st.integers(0, 40).map(lambda extra: str(T + extra)),
    st.sampled_from(
        [
            "",
            "0",
            "-5",
            "007",
            "None",
            "Unknown",
            "1e3",
            "٣",
            "9" * 19,
            "9007199254740993",
            "1 ",
            "2026-11-20T09:00",
        ]
    ),
)
values = {
    "JobIDRaw": st.sampled_from(["1", "2", "17", "007", "5.batch", "", "x", "-1", "9" * 16, " 3", "JobIDRaw"]),
    "Cluster": st.sampled_from(["camp"] * 8 + ["other", "", "camp "]),
    "Account": st.sampled_from(["gj001", "광주_ai", "", " gj1", 'q"uote', "back\\slash", "tab\there", "\\N", "a" * 256]),
    "User": st.sampled_from(["minji", "민지", "", "a b", "x\u00a0"]),
    "JobID": st.sampled_from(["1", "7_6", "19+0", "", "x" * 256]),
    "State": st.sampled_from(["COMPLETED"] * 5 + ["CANCELLED by 1004", "RUNNING", "PENDING", "PARTYING", "", "TIMEOUT "]),
    "Submit": digits,
    "Start": digits,
    "End": digits,
    "ElapsedRaw": st.sampled_from(["0", "40", "600", "-1", "", "1.5", "99999999999", "9" * 30]),
    "TimelimitRaw": st.sampled_from(["60", "UNLIMITED", "Partition_Limit", "", "soon", "-1"]),
    "Suspended": st.sampled_from(["00:00:00", "", "1-02:03:04", "00:00", "never"]),
    "AllocTRES": st.sampled_from(
        ["cpu=2,mem=4000M", "billing=47,cpu=8,gres/gpu:h100=2,gres/gpu=2,mem=62.50G,node=1", "", "cpu=-1", "cpu=2,cpu=3",
         "cpu=lots", "energy=18446744073709551614,cpu=1", "mem=1.5T"]
    ),
}  # fmt: skip
plain_row = st.integers(1, 50).map(
    lambda job: f"{job}|camp|gj001|minji|{job}|COMPLETED|{T}|{T + 5}|{T + 45}|40|60|00:00:00|cpu=2,node=1"
)
odd_row = st.tuples(*(values[name] for name in COLUMNS.split("|"))).map("|".join)
line = st.one_of(
    plain_row,
    plain_row,
    odd_row,
    odd_row,
    st.sampled_from(["", "  ", COLUMNS, "a|b", "|" * 12, "|" * 40, "\0"]),
)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r\r\n"])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.tuples(line, ends), max_size=30),
    piece=st.sampled_from([1, 7, 64, 4096, bulk.BLOCK]),
    cut=st.integers(0, 3),
    broken=st.booleans(),
)
def test_columns_say_what_rows_say(rows, piece, cut, broken):
    text = (COLUMNS + "\n" + "".join(row + end for row, end in rows)).encode()
    if broken:
        text = text.replace(b"minji", b"min\xffji", 1)
    if cut and rows:
        text = text[:-cut]
    # The header stands whole in the first piece, as in any file that is read in blocks.
    assert by_columns(text, max(piece, len(COLUMNS) + 2)) == by_rows(text)


def test_a_line_of_any_length_is_one_rejected_row_and_no_memory(monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 50_000)
    row = f"1|camp|gj001|minji|1|COMPLETED|{T}|{T}|{T + 40}|40|60||cpu=2"
    text = "\n".join([COLUMNS, row, "x" * 300_000, row.replace("1|", "2|", 1), ""]).encode()
    assert by_columns(text, 50_000) == by_rows(text)
    ended, _live, rejected = by_columns(text, 50_000)
    assert [each[:2] for each in ended] == [(2, 1), (4, 2)]
    assert [(each.line, each.code) for each in rejected] == [(3, "line_too_long")]


def test_a_cut_line_of_any_length_is_rejected(monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 50_000)
    for rest in ("1|camp|gj001", "x" * 70_000, "x" * 300_000):
        text = f"{COLUMNS}\n{rest}".encode()
        assert by_columns(text, 50_000) == by_rows(text)


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\0", b"a|b\n", b"JobIDRaw|State\n"])
def test_what_is_no_sacct_is_refused_at_once(text):
    with pytest.raises(SacctError) as rows:
        SacctReader(BytesIO(text))
    with pytest.raises(SacctError) as columns:
        bulk.BlockReader(BytesIO(text), "camp")
    assert (columns.value.code, columns.value.columns) == (rows.value.code, rows.value.columns)
