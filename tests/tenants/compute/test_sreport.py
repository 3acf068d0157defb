"""The scheduler's control totals: read whole or refused with the line, and compared to the second."""

import pytest

from tenants.compute.reconciling import Compared, compare, held_seconds, seconds_within
from tenants.compute.sreport import ControlTotal, SreportError, read_sreport

PLAIN = "gjlab|root|||cpu|80\ngjlab|gj001|||cpu|80\n"
HEADED = """--------------------------------------------------------------------------------
Cluster/Account/User Utilization 1795377600 - 1795381199 (3600 secs)
Usage reported in TRES Seconds
--------------------------------------------------------------------------------
Cluster|Account|Login|Proper Name|TRES Name|Used
gjlab|root|||cpu|80
gjlab| gj001|||cpu|80
gjlab|  gj001|daemon|데몬|cpu|80
"""
TOTALS = (ControlTotal("root", "cpu", 80), ControlTotal("gj001", "cpu", 80))


def read(text: str | bytes):
    return read_sreport(text.encode() if isinstance(text, str) else text, cluster="gjlab")


def test_with_and_without_a_heading_it_says_the_same():
    assert read(PLAIN).totals == TOTALS == read(HEADED).totals
    assert (read(PLAIN).window, read(HEADED).window) == (None, (1_795_377_600, 1_795_381_200))


def test_a_comment_says_the_window_and_columns_may_come_in_another_order():
    text = "# window 100 - 3700\r\nUsed|TRES Name|Account\r\n5|CPU|a\r\n"
    assert (read(text).window, read(text).totals) == ((100, 3700), (ControlTotal("a", "cpu", 5),))


def test_a_local_time_in_the_heading_is_no_window():
    text = HEADED.replace("1795377600 - 1795381199", "2026-11-22T20:00:00 - 2026-11-22T20:59:59")
    assert (read(text).window, read(text).totals) == (None, TOTALS)


def test_people_are_added_up_where_their_account_has_no_row():
    text = "gjlab|a|minji||cpu|5\ngjlab|a|jisoo||cpu|7\ngjlab|b|||cpu|3\ngjlab|b|x||cpu|3\n"
    assert read(text).totals == (ControlTotal("b", "cpu", 3), ControlTotal("a", "cpu", 12))


def test_a_heading_alone_is_an_hour_without_usage():
    assert read("Cluster|Account|Login|Proper Name|TRES Name|Used\n").totals == ()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 0),
        ("\n \n", "empty", 2),
        ("gjlab|root|||cpu|80\ngjlab|gj0", "cut_line", 2),
        ("gjlab|root|||cpu\n", "wrong_columns", 1),
        ("gjlab|root|||cpu|80|1\n", "wrong_columns", 1),
        ("Cluster|Account|Login|Proper Name|Used\n", "missing_columns", 1),
        ("Cluster|Login|Proper Name|TRES Name|Energy\n", "missing_columns", 1),
        ("gjlab|root|||cpu|-80\n", "negative", 1),
        ("gjlab|root|||cpu|0.12%\n", "not_a_number", 1),
        ("gjlab|root|||cpu|99999999999999999999\n", "overflow", 1),
        ("gjlab||||cpu|80\n", "empty_value", 1),
        ("other|root|||cpu|80\n", "other_cluster", 1),
        (PLAIN + "gjlab|root|||cpu|80\n", "twice", 3),
        ("Usage reported in TRES Minutes\n" + PLAIN, "not_seconds", 1),
        ("Usage reported in Percentage of Total\n" + PLAIN, "not_seconds", 1),
        ("# window 200 100\n", "window_backwards", 1),
        (b"gjlab|\xff|||cpu|80\n", "not_utf8", 1),
        (b"gjlab|a\0|||cpu|80\n", "nul_byte", 1),
        (b"gjlab|" + b"a" * 70_000 + b"|||cpu|80\n", "line_too_long", 1),
    ],
)
def test_what_is_no_control_total_is_refused_with_its_line(text, code, line):
    with pytest.raises(SreportError) as refused:
        read(text)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert "%(" not in str(refused.value)


def test_a_typed_gpu_counts_as_a_gpu_of_any_type_too():
    units = {"cpu": 8, "gres/gpu:h100": 2, "gres/gpu:t4": 1, "gres/gpu": 1}
    assert sorted(held_seconds(units, 10)) == [
        ("cpu", 80),
        ("gres/gpu", 40),
        ("gres/gpu:h100", 20),
        ("gres/gpu:t4", 10),
    ]


@pytest.mark.parametrize(
    ("started", "ended", "elapsed", "within"),
    [
        (100, 200, 100, 100),
        (100, 200, 60, 60),  # suspended for 40 of them
        (50, 150, 100, 50),
        (150, 250, 100, 50),
        (50, 250, 200, 100),
        (50, 250, 30, 30),  # no more than it ran
        (0, 100, 100, 0),
        (200, 300, 100, 0),
    ],
)
def test_an_attempt_is_clipped_to_the_window(started, ended, elapsed, within):
    assert seconds_within(100, 200, started=started, ended=ended, elapsed=elapsed) == within


def differing(lines: list[Compared]) -> dict[tuple[str, str], int]:
    return {(line.account, line.resource): line.difference for line in lines if line.difference}


TREE = [
    ControlTotal("root", "cpu", 30),
    ControlTotal("camp", "cpu", 25),
    ControlTotal("a", "cpu", 10),
    ControlTotal("b", "cpu", 15),
    ControlTotal("lab", "cpu", 5),
]


def test_accounts_above_others_count_theirs_too():
    found = compare({("a", "cpu"): 10, ("b", "cpu"): 15, ("lab", "cpu"): 5}, TREE, nested=True)
    assert differing(found) == {}
    assert {line.account: line.includes for line in found if line.includes} == {
        "root": ("a", "b", "camp", "lab"),
        "camp": ("a", "b"),
    }


def test_what_is_missing_shows_at_its_account_and_above():
    found = compare({("a", "cpu"): 10, ("b", "cpu"): 14, ("lab", "cpu"): 5}, TREE, nested=True)
    assert differing(found) == {("root", "cpu"): -1, ("camp", "cpu"): -1, ("b", "cpu"): -1}


def test_an_account_that_only_we_know_differs():
    ours = {("a", "cpu"): 10, ("b", "cpu"): 15, ("lab", "cpu"): 5, ("ghost", "cpu"): 7}
    assert differing(compare(ours, TREE, nested=True)) == {("root", "cpu"): 7, ("ghost", "cpu"): 7}


def test_a_parent_may_have_jobs_of_its_own():
    theirs = [ControlTotal("camp", "cpu", 12), ControlTotal("a", "cpu", 10)]
    assert differing(compare({("camp", "cpu"): 2, ("a", "cpu"): 10}, theirs, nested=True)) == {}
    assert differing(compare({("a", "cpu"): 10}, theirs, nested=True)) == {("camp", "cpu"): -12}


def test_totals_of_a_file_itself_are_not_nested():
    theirs = [ControlTotal("camp", "cpu", 10), ControlTotal("a", "cpu", 10)]
    assert differing(compare({("a", "cpu"): 10}, theirs, nested=False)) == {("camp", "cpu"): -10}


def test_an_empty_total_is_compared_with_all_that_we_have():
    ours = {("a", "cpu"): 10, ("a", "mem"): 99}
    assert differing(compare(ours, [], nested=True)) == {("a", "cpu"): 10}
    # Only what the total speaks of is compared, and never what the scheduler rounds.
    theirs = [ControlTotal("a", "cpu", 10), ControlTotal("a", "billing", 3), ControlTotal("a", "mem", 5)]
    assert [line.resource for line in compare({**ours, ("a", "node"): 10}, theirs, nested=True)] == ["cpu"]
