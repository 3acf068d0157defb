"""Making a run: read, compute, check, store; the three steps apart, so that only the first and the last touch rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.utils import timezone

from incubator.common.fingerprints import fingerprint
from incubator.optimise.assignment import AssignmentError, check_assignment
from incubator.optimise.solver import SolverError
from investors.matching.checking import check_run
from investors.matching.enums import ConflictKind, ConflictState, Side
from investors.matching.errors import RunFailed
from investors.matching.facts import Facts, collect_facts
from investors.matching.figures import explained_of, figures_of
from investors.matching.limit_models import EVIDENCE_LIMIT
from investors.matching.limits import collect_limits
from investors.matching.models import Conflict, Match, MatchRun
from investors.matching.problem import Scores, score_all, shortfalls_of
from investors.matching.scoring import Component, rivals
from investors.matching.solving import (
    STEPS,
    Answer,
    Report,
    code_version,
    ends,
    kept_problem,
    lifts_of,
    points_of,
    say_nothing,
    solved,
)
from investors.matching.weight_sets import active_weights

Pair = tuple[int, int]


@dataclass(frozen=True)
class RunInput:
    """`kept` decides the result; `reasons` are the components of every pair; `rivals` what the machine proposes."""

    kept: dict[str, Any]
    reasons: dict[str, Any]
    weights_version: str
    rivals: tuple[tuple[int, int, str], ...]
    let_go: tuple[Pair, ...]


@dataclass(frozen=True)
class PlannedRun:
    """A checked result, not yet stored."""

    input: RunInput
    answer: Answer
    figures: dict[str, Any]
    explained: list[list[Any]]


def read_input(now: datetime, *, only_seen: bool = False, keep_locks_of: MatchRun | None = None) -> RunInput:
    """Everything that a run of this moment follows from.

    Locked pairs of `keep_locks_of` stay locked; those that have been kept apart since, or for which a firm has no seat
    any more, are let go.
    """
    today = timezone.localdate(now)
    facts = collect_facts(today)
    weights = active_weights()
    scores = score_all(facts, weights)
    kept = kept_problem(facts, scores, collect_limits(today, only_seen=only_seen), weights=weights)
    wanted = [ends(pair) for pair in keep_locks_of.problem.get("locked", ())] if keep_locks_of else []
    kept["locked"], let_go = _locks(kept, wanted)
    return RunInput(kept, _reasons(scores), weights.version, tuple(_rivals(facts)), let_go)


def _locks(kept: Mapping[str, Any], wanted: Iterable[Pair]) -> tuple[list[list[int]], tuple[Pair, ...]]:
    """The wanted pairs that may be locked, the best first where seats are short, and those that may not."""
    points, apart = points_of(kept), {(c, f) for c, f, _points, codes in kept["pairs"] if codes}
    seats = Counter({firm["id"]: firm["capacity"] for firm in kept["firms"]})
    locked, let_go = [], []
    for pair in sorted(wanted, key=lambda pair: (-points.get(pair, 0), pair)):
        if pair in points and pair not in apart and seats[pair[1]] > 0:
            seats[pair[1]] -= 1
            locked.append([*pair])
        else:
            let_go.append(pair)
    return sorted(locked), tuple(sorted(let_go))


def _reasons(scores: Scores) -> dict[str, Any]:
    names = [field.name for field in fields(Component)]
    return {
        "fields": names,
        "pairs": {
            f"{company}-{firm}": [[getattr(part, name) for name in names] for part in found.components]
            for (company, firm), found in scores.items()
        },
    }


def _rivals(facts: Facts) -> Iterable[tuple[int, int, str]]:
    for company in facts.companies:
        for mandate in facts.mandates:
            names = [each.name for each in rivals(company, mandate) if not each.rival_confirmed]
            if names:
                yield int(company.id), int(mandate.firm_id), ", ".join(sorted(names))[:EVIDENCE_LIMIT]


def plan_run(made: RunInput, report: Report = say_nothing) -> PlannedRun:
    """Solve and check. Makes no query. Raises RunFailed, and whatever `report` raises to stop."""
    try:
        answer = solved(made.kept, report)
    except (AssignmentError, SolverError) as error:
        raise RunFailed(detail=str(error)) from error
    figures = {**figures_of(made.kept, answer), "let_go": [[*pair] for pair in made.let_go]}
    planned = PlannedRun(made, answer, figures, explained_of(answer))
    if broken := [*check_assignment(answer.problem, answer.result), *broken_promises(planned)]:
        raise RunFailed(detail=broken[0])
    report(STEPS, STEPS, "")
    return planned


def broken_promises(planned: PlannedRun) -> list[str]:
    """What the independent check finds."""
    result = planned.answer.result
    return check_run(
        problem=planned.input.kept,
        pairs=[ends(pair) for pair in result.pairs],
        objective=result.objective,
        bound=result.bound,
        shortfalls=shortfalls_of(result),
        explained=planned.explained,
        reasons=planned.input.reasons,
        prices=planned.figures["prices"],
    )


def store_run(planned: PlannedRun, *, actor: Any, now: datetime) -> MatchRun:
    """Keep a planned run as a draft, and the rivals that the machine proposes. In the caller's transaction."""
    made, result = planned.input, planned.answer.result
    run = MatchRun.objects.create(
        started_by=actor,
        run_at=now,
        weights_version=made.weights_version,
        minimum=made.kept["minimum"],
        objective=result.objective,
        bound=result.bound,
        optimum=result.objective,
        input_hash=fingerprint(made.kept),
        result_hash=planned.answer.hash,
        problem=made.kept,
        shortfalls=shortfalls_of(result),
        solver=f"highspy {version('highspy')}, {result.method}",
        code_version=code_version(),
        figures=planned.figures,
        explained=planned.explained,
        reasons=made.reasons,
    )
    add_matches(run, made.kept, made.reasons, sorted(ends(pair) for pair in result.pairs))
    Conflict.objects.bulk_create(
        (
            Conflict(
                company_id=company,
                firm_id=firm,
                kind=ConflictKind.RIVAL,
                side=Side.MACHINE,
                state=ConflictState.PROPOSED,
                evidence=evidence,
            )
            for company, firm, evidence in made.rivals
        ),
        ignore_conflicts=True,
    )
    return run


def add_matches(
    run: MatchRun, kept: Mapping[str, Any], reasons: Mapping[str, Any], pairs: Iterable[Pair]
) -> None:
    """Rows for these pairs of the run: shown with the fit and its components, never with what either side wished."""
    points, lifts = points_of(kept), lifts_of(kept)
    locked = {ends(pair) for pair in kept.get("locked", ())}
    keys = [key for key in kept["weights"] if key != "version"]
    # Who need not put a share into young companies misses nothing there.
    no_quota = {firm["id"] for firm in kept["firms"] if firm.get("young_share") is None}
    rows = []
    for company, firm in pairs:
        parts = [
            dict(zip(reasons["fields"], part, strict=True)) for part in reasons["pairs"][f"{company}-{firm}"]
        ]
        known = {part["key"] for part in parts}
        rows.append(
            Match(
                run=run,
                company_id=company,
                firm_id=firm,
                score=points[company, firm] - sum(lifts.get((company, firm), (0, 0))),
                components=parts,
                missing=[
                    key for key in keys if key not in known and not (key == "quota" and firm in no_quota)
                ],
                locked=(company, firm) in locked,
            )
        )
    Match.objects.bulk_create(rows)


def components_of(run: MatchRun, pair: Pair) -> list[dict[str, Any]]:
    """The components of one pair of a run as they were, matched or not."""
    parts = run.reasons.get("pairs", {}).get(f"{pair[0]}-{pair[1]}", ())
    return [dict(zip(run.reasons["fields"], part, strict=True)) for part in parts]
