"""Every number of the ranking, by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tenants.intake.ranking import normalised, rank, review_total, shown

WEIGHTS = {1: 60, 2: 40}


def test_a_score_is_put_on_a_hundred():
    assert [normalised(score) for score in (1, 2, 3, 4, 5)] == [0, 25, 50, 75, 100]
    for wrong in (0, 6):
        with pytest.raises(ValueError):
            normalised(wrong)


def test_criteria_weigh():
    assert review_total({1: 5, 2: 1}, WEIGHTS) == 60
    assert review_total({1: 1, 2: 5}, WEIGHTS) == 40


def test_places_ties_and_those_without_a_review():
    found = rank(
        {
            10: [{1: 5, 2: 1}, {1: 1, 2: 5}],  # (60 + 40) / 2 = 50
            11: [{1: 3, 2: 3}],  # 50
            12: [{1: 5, 2: 5}],  # 100
            13: [],
            14: [{1: 2, 2: 2}],  # 25
        },
        WEIGHTS,
    )
    assert [(one.application, one.place, one.tied_with) for one in found] == [
        (12, 1, ()),
        (10, 2, (11,)),
        (11, 2, (10,)),
        (14, 4, ()),
        (13, None, ()),
    ]
    assert (found[1].spread, found[1].by_criterion) == (20, {1: Fraction(3), 2: Fraction(3)})
    assert found[-1].total is None


def test_thirds_are_no_ties_by_rounding():
    found = rank(
        {1: [{1: 2}, {1: 2}, {1: 3}], 2: [{1: 2}, {1: 3}, {1: 2}], 3: [{1: 2}, {1: 2}, {1: 2}]}, {1: 7}
    )
    assert [(one.application, one.place) for one in found] == [(1, 1), (2, 1), (3, 3)]
    assert shown(found[0].total) == Decimal("33.33")
