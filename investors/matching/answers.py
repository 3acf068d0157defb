"""How firms answered the introductions that reached them: counts and times, from the introductions' own history."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from django.apps import apps

from .enums import IntroductionState

_ANSWERS = (
    IntroductionState.MET,
    IntroductionState.CONTINUING,
    IntroductionState.TERM_SHEET,
    IntroductionState.PASSED,
    IntroductionState.INVESTED,
)
_REACHED = (IntroductionState.SENT, *_ANSWERS)


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


@dataclass
class _History:
    """One introduction: where it stands, and when it came into each state first."""

    firm_id: int
    state: str = ""
    agreed: bool = False
    first: dict[str, datetime] = field(default_factory=dict)


def answers_of(firm_ids: Iterable[int]) -> dict[int, Answers]:
    """By firm, in one query over the history. A firm without introductions is left out."""
    events = apps.get_model("matching", "IntroductionEvent").objects
    rows = events.filter(firm_id__in=list(firm_ids)).order_by("pgh_id")
    histories: dict[int, _History] = {}
    for pk, firm_id, state, changed_at, answered_at in rows.values_list(
        "pgh_obj_id", "firm_id", "state", "changed_at", "answered_at"
    ):
        history = histories.setdefault(pk, _History(firm_id))
        history.state = state
        history.agreed = answered_at is not None and state != IntroductionState.DECLINED
        history.first.setdefault(state, changed_at)
    by_firm: dict[int, list[_History]] = {}
    for history in histories.values():
        by_firm.setdefault(history.firm_id, []).append(history)
    return {firm_id: _answers(found) for firm_id, found in by_firm.items()}


def _answers(found: list[_History]) -> Answers:
    states = Counter(each.state for each in found)
    been = Counter(state for each in found for state in each.first)
    days: list[int] = []
    for each in found:
        answers = [each.first[answer] for answer in _ANSWERS if answer in each.first]
        if answers and IntroductionState.SENT in each.first:
            days.append((min(answers) - each.first[IntroductionState.SENT]).days)
    return Answers(
        made=len(found),
        agreed=sum(each.agreed for each in found),
        reached=sum(not each.first.keys().isdisjoint(_REACHED) for each in found),
        answered=sum(not each.first.keys().isdisjoint(_ANSWERS) for each in found),
        met=been[IntroductionState.MET],
        passed=states[IntroductionState.PASSED],
        invested=states[IntroductionState.INVESTED],
        waiting=states[IntroductionState.SENT],
        days=round(median(days)) if days else None,
    )
