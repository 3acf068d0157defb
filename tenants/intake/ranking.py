"""From scores to a ranking, with every number explained. Plain data in, plain data out; no Django.

A score from 1 to 5 is put on a scale from 0 to 100 (1 is 0, 5 is 100). A review's total is the mean of its criteria by their
weights, an application's total the plain mean of its reviews. Fractions all the way: what is equal is a tie, and no rounding
makes or breaks one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True)
class Ranked:
    """`place` counts from 1, and is shared by who are equal (`tied_with`); None without any review.

    `total` is 0 to 100, `spread` the difference of the highest and the lowest review; `by_criterion` the mean score, 1 to 5.
    """

    application: int
    place: int | None
    total: Fraction | None
    reviews: tuple[Fraction, ...]
    by_criterion: Mapping[int, Fraction]
    tied_with: tuple[int, ...] = ()

    @property
    def spread(self) -> Fraction | None:
        return max(self.reviews) - min(self.reviews) if self.reviews else None


def normalised(score: int) -> Fraction:
    if not LOWEST <= score <= HIGHEST:
        raise ValueError(f"a score is {LOWEST} to {HIGHEST}, not {score}")
    return Fraction(100 * (score - LOWEST), HIGHEST - LOWEST)


def review_total(scores: Mapping[int, int], weights: Mapping[int, int]) -> Fraction:
    """The mean of one review's scores by the weights of their criteria."""
    weighed = sum(weights[criterion] * normalised(score) for criterion, score in scores.items())
    return Fraction(weighed) / sum(weights[criterion] for criterion in scores)


def rank(reviews: Mapping[int, Sequence[Mapping[int, int]]], weights: Mapping[int, int]) -> list[Ranked]:
    """Every application with its reviews (`{criterion: score}` each), best first; those without a review come last."""
    totals = {one: tuple(review_total(scores, weights) for scores in given) for one, given in reviews.items()}
    means = {one: Fraction(sum(given)) / len(given) for one, given in totals.items() if given}
    ordered = sorted(means, key=lambda one: (-means[one], one))
    ranked = []
    for one in ordered:
        better = sum(1 for other in means.values() if other > means[one])
        equal = tuple(other for other in ordered if other != one and means[other] == means[one])
        ranked.append(Ranked(one, better + 1, means[one], totals[one], _by_criterion(reviews[one]), equal))
    unseen = (Ranked(one, None, None, (), {}) for one in sorted(totals) if not totals[one])
    return [*ranked, *unseen]


def _by_criterion(given: Sequence[Mapping[int, int]]) -> dict[int, Fraction]:
    criteria = sorted({criterion for scores in given for criterion in scores})
    found = {}
    for criterion in criteria:
        values = [scores[criterion] for scores in given if criterion in scores]
        found[criterion] = Fraction(sum(values), len(values))
    return found


def shown(value: Fraction | None, places: int = 2) -> Decimal | None:
    """For people: rounded half up."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
