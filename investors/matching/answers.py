"""How firms answered the introductions that reached them: counts and times, from the introductions' own history."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.apps import apps

from .enums import IntroductionState
from .models import Introduction

_ANSWERS = (IntroductionState.MET, IntroductionState.PASSED, IntroductionState.INVESTED)


@dataclass(frozen=True)
class Answers:
    """Introductions made for a firm and what became of them. `days` is the median from reaching it to its answer."""

    made: int = 0
    agreed: int = 0
    reached: int = 0
    answered: int = 0
    met: int = 0
    passed: int = 0
    invested: int = 0
    waiting: int = 0
    days: int | None = None


def answers_of(firm_ids: Iterable[int]) -> dict[int, Answers]:
    """By firm, in two queries. A firm without introductions is left out."""
    ids = list(firm_ids)
    rows = list(
        Introduction.objects.filter(firm_id__in=ids)
        .order_by()
        .values_list("pk", "firm_id", "state", "answered_at")
    )
    moments = _moments([row[0] for row in rows])
    by_firm: dict[int, list[tuple[str, bool, dict[str, datetime]]]] = {}
    for pk, firm_id, state, answered_at in rows:
        agreed = answered_at is not None and state != IntroductionState.DECLINED
        by_firm.setdefault(firm_id, []).append((state, agreed, moments.get(pk, {})))
    return {firm_id: _answers(found) for firm_id, found in by_firm.items()}


def _moments(ids: list[int]) -> dict[int, dict[str, datetime]]:
    """When each introduction came into each state first."""
    events = apps.get_model("matching", "IntroductionEvent").objects
    found: dict[int, dict[str, datetime]] = {}
    rows = events.filter(pgh_obj_id__in=ids).order_by("pgh_id")
    for pk, state, changed_at in rows.values_list("pgh_obj_id", "state", "changed_at"):
        found.setdefault(pk, {}).setdefault(state, changed_at)
    return found


def _answers(found: list[tuple[str, bool, dict[str, datetime]]]) -> Answers:
    states = Counter(state for state, _agreed, _moments in found)
    been: Counter[str] = Counter()
    days: list[int] = []
    reached = answered = 0
    for state, _agreed, moments in found:
        was = {state, *moments}
        been.update(was)
        answers = [moments[answer] for answer in _ANSWERS if answer in moments]
        reached += bool(was & {IntroductionState.SENT, *_ANSWERS})
        answered += bool(was & set(_ANSWERS))
        if answers and IntroductionState.SENT in moments:
            days.append((min(answers) - moments[IntroductionState.SENT]).days)
    return Answers(
        made=len(found),
        agreed=sum(agreed for _state, agreed, _moments in found),
        reached=reached,
        answered=answered,
        met=been[IntroductionState.MET],
        passed=states[IntroductionState.PASSED],
        invested=states[IntroductionState.INVESTED],
        waiting=states[IntroductionState.SENT],
        days=round(median(days)) if days else None,
    )
