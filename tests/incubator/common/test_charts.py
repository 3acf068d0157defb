from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from incubator.common import charts


@pytest.mark.parametrize(
    ("highest", "end"),
    [
        ("0", "1"),
        ("-3", "1"),
        ("1", "1"),
        ("1.01", "2"),
        ("21", "25"),
        ("46.215", "50"),
        ("99.999", "100"),
        ("0.003", "0.004"),
    ],
)
def test_the_axis_ends_at_a_round_number(highest, end):
    assert charts.axis_end(Decimal(highest)) == Decimal(end)


def test_a_line_starts_at_zero_and_stands_by_the_day():
    chart = charts.line([(date(2026, 11, 1), 0), (date(2026, 11, 2), 5), (date(2026, 11, 11), 10)])
    assert chart.line == "0,100 10,50 100,0"
    assert (chart.x, chart.y) == ("100", "0")
    assert [(tick.y, tick.text) for tick in chart.ticks] == [("0", "10"), ("50", "5")]


def test_a_forecast_goes_on_from_the_last_point():
    chart = charts.line([("a", 0), ("b", 10)], forecast=[("c", 20)])
    assert chart.line == "0,100 50,50"
    assert chart.dashes == "50,50 100,0"
    assert [row.forecast for row in chart.rows] == [False, False, True]


def test_one_point_and_no_point_are_drawn_too():
    assert charts.line([("only", 4)]).line == "100,0"
    assert charts.line([]).line == ""
    assert charts.bars([]).bars == ()


def test_negative_values_rest_on_the_axis_and_keep_their_number_in_the_table():
    chart = charts.line([("a", -4), ("b", 4)])
    assert chart.line == "0,100 100,0"
    assert chart.rows[0].value == "−4"


def test_bars_mark_one_and_label_at_most_six():
    chart = charts.bars([(str(month), month) for month in range(1, 13)])
    assert [bar.label for bar in chart.bars if bar.highlight] == ["12"]
    assert [bar.label for bar in chart.bars if bar.on_axis] == ["2", "4", "6", "8", "10", "12"]
    assert chart.bars[11].height == "60"
    assert [bar.highlight for bar in charts.bars([("a", 1), ("b", 2)], highlight=None).bars] == [False, False]


def test_days_are_labelled_in_the_readers_form():
    with translation.override("ko"):
        assert charts.line([(date(2026, 11, 22), 1)]).first_label == "11. 22."
    with translation.override("en"):
        assert charts.line([(date(2026, 11, 22), 1)]).first_label == "22 Nov"
