"""Which weights are in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from investors.matching import rules
from investors.matching.errors import (
    ReasonMissing,
    WeightsChangedMeanwhile,
    WeightsCountNothing,
    WeightsUnchanged,
)
from investors.matching.models import REASON_LIMIT, WeightSet
from investors.matching.scoring import KEYS, Weights
from investors.matching.weight_sets import active_weights


@transaction.atomic
def use_weights(
    *, numbers: Mapping[str, int | None], note: str, instead_of: str, actor: Any, now: datetime
) -> WeightSet:
    """Make a new version of the weights and put it in force instead of the version that the manager compared it with.

    A component without a number is not part of the version. Stored runs keep the version and the numbers they had.
    Raises NotAllowed, ReasonMissing, WeightsCountNothing, WeightsUnchanged, WeightsChangedMeanwhile, Invalid.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    if not note.strip():
        raise ReasonMissing
    weights = {key: numbers[key] for key in KEYS if numbers.get(key) is not None}
    if not any(weights.values()):
        raise WeightsCountNothing
    former = WeightSet.objects.select_for_update().filter(active=True).first()
    in_force = former.values if former else active_weights()
    if in_force.version != instead_of:
        raise WeightsChangedMeanwhile
    if in_force.numbers == weights:
        raise WeightsUnchanged
    if former is not None:
        WeightSet.objects.filter(pk=former.pk).update(active=False)
    made = WeightSet(
        version=_next_version(timezone.localdate(now).year),
        weights=weights,
        note=note.strip()[:REASON_LIMIT],
        made_by=actor,
        made_at=now,
        active=True,
    )
    validate(made)
    with refusing(
        {
            "matching_one_active_weights": WeightsChangedMeanwhile,
            "matching_weightset_version": WeightsChangedMeanwhile,
        }
    ):
        made.save()
    return made


def proposed(numbers: Mapping[str, int | None]) -> Weights:
    """Weights that somebody only tries. Raises WeightsCountNothing."""
    weights = {key: number for key in KEYS if (number := numbers.get(key)) is not None}
    if not any(weights.values()):
        raise WeightsCountNothing
    return Weights("?", **weights)


def _next_version(year: int) -> str:
    known = WeightSet.objects.filter(version__startswith=f"{year}-").values_list("version", flat=True)
    numbers = [int(end) for version in known if (end := version.partition("-")[2]).isdecimal()]
    return f"{year}-{max(numbers, default=0) + 1}"
