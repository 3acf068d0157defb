"""Changing a draft by hand: what it costs is shown before it is saved, and no limit gives way.

A change is a new condition of the same problem (this pair in, this pair out), and the best that keeps it is found anew,
so nothing that a manager does can overfill a firm or take a company's minimum where it can be had.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed
from incubator.common.fingerprints import fingerprint
from investors.matching import rules
from investors.matching.enums import EditKind, MatchState, RunState
from investors.matching.errors import (
    EditMeanwhile,
    MatchDecided,
    NothingToEdit,
    PairKeptApart,
    PairUnknown,
    RunNotDraft,
    SeatsLocked,
)
from investors.matching.limit_words import limits_in_words
from investors.matching.models import Match, MatchRun
from investors.matching.problem import shortfalls_of
from investors.matching.solving import ends

from .planning import Pair, PlannedRun, RunInput, add_matches, plan_run


@dataclass(frozen=True)
class EditPreview:
    """What a change would do. `loss` in points of 1/10,000, never hidden; a release can win some back (negative).

    `before` is the hash of the result that it was computed from.
    """

    kind: EditKind
    pair: Pair
    before: str
    loss: int
    entering: tuple[Pair, ...]
    leaving: tuple[Pair, ...]
    short_before: int
    short_after: int
    planned: PlannedRun


def preview_edit(*, run: MatchRun, kind: str, company_id: int, firm_id: int, actor: Any) -> EditPreview:
    """Compute a change of a draft; writes nothing.

    Raises NotAllowed, RunNotDraft, PairUnknown, PairKeptApart, NothingToEdit, MatchDecided, SeatsLocked.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    if run.state != RunState.DRAFT:
        raise RunNotDraft
    matches = {(match.company_id, match.firm_id): match for match in run.matches.all()}
    pair, chosen = (company_id, firm_id), EditKind(kind)
    kept = _changed(run.problem, chosen, pair, matches)
    let_go = tuple(ends(each) for each in run.figures.get("let_go", ()))
    planned = plan_run(RunInput(kept, run.reasons, run.weights_version, (), let_go))
    found = {ends(each) for each in planned.answer.result.pairs}
    return EditPreview(
        kind=chosen,
        pair=pair,
        before=run.result_hash,
        loss=run.objective - planned.answer.result.objective,
        entering=tuple(sorted(found - matches.keys())),
        leaving=tuple(sorted(matches.keys() - found)),
        short_before=sum(short["missing"] for short in run.shortfalls),
        short_after=planned.figures["minimum"]["short"],
        planned=planned,
    )


def _changed(
    problem: Mapping[str, Any], kind: EditKind, pair: Pair, matches: Mapping[Pair, Match]
) -> dict[str, Any]:
    """The problem with the change as a condition. What a manager has decided already stays as it is."""
    codes = {(company, firm): said for company, firm, _points, said in problem["pairs"]}
    if pair not in codes:
        raise PairUnknown
    if codes[pair]:
        raise PairKeptApart(reasons=", ".join(map(str, limits_in_words(codes[pair]))))
    locked = {ends(each) for each in problem.get("locked", ())}
    forbidden = {ends(each) for each in problem.get("forbidden", ())}
    decided = {ends for ends, match in matches.items() if match.state != MatchState.PROPOSED}
    if pair in decided and kind in (EditKind.REMOVE, EditKind.RELEASE):
        raise MatchDecided
    before = (set(locked), set(forbidden))
    if kind == EditKind.RELEASE:
        locked.discard(pair)
        forbidden.discard(pair)
    elif kind == EditKind.REMOVE:
        locked.discard(pair)
        forbidden.add(pair)
    else:
        if (kind == EditKind.LOCK) != (pair in matches):
            raise NothingToEdit if pair in matches else PairUnknown
        locked.add(pair)
        forbidden.discard(pair)
    if (locked, forbidden) == before:
        raise NothingToEdit
    seats = {firm["id"]: firm["capacity"] for firm in problem["firms"]}
    if sum(firm == pair[1] for _company, firm in locked | decided) > seats[pair[1]]:
        raise SeatsLocked
    return {
        **problem,
        "locked": sorted([*each] for each in locked | decided),
        "forbidden": sorted([*each] for each in forbidden),
    }


@transaction.atomic
def edit_run(
    *,
    run: MatchRun,
    kind: str,
    company_id: int,
    firm_id: int,
    before: str,
    actor: Any,
    now: datetime,
) -> MatchRun:
    """Save a change that was shown: `before` is the hash of the result that its preview was computed from.

    Raises what `preview_edit` raises, and EditMeanwhile.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    run = MatchRun.objects.select_for_update().get(pk=run.pk)
    if run.result_hash != before and run.state == RunState.DRAFT:
        raise EditMeanwhile
    preview = preview_edit(run=run, kind=kind, company_id=company_id, firm_id=firm_id, actor=actor)
    planned = preview.planned
    kept, result = planned.input.kept, planned.answer.result
    for company, firm in preview.leaving:
        run.matches.filter(company=company, firm=firm).delete()
    add_matches(run, kept, run.reasons, preview.entering)
    locked = {ends(each) for each in kept["locked"]}
    for match in run.matches.all():
        if match.locked != ((match.company_id, match.firm_id) in locked):
            match.locked = not match.locked
            match.save(update_fields=["locked"])
    run.edits = [
        *run.edits,
        {
            "kind": str(preview.kind),
            "company": company_id,
            "firm": firm_id,
            "by": actor.pk if getattr(actor, "pk", None) else None,
            "at": now.isoformat(),
            "loss": preview.loss,
        },
    ]
    run.objective, run.bound = result.objective, result.bound
    run.problem, run.input_hash = kept, fingerprint(kept)
    run.result_hash, run.shortfalls = planned.answer.hash, shortfalls_of(result)
    run.figures, run.explained = planned.figures, planned.explained
    run.save()
    return run
