"""Running the matching, publishing a run, putting a match aside."""

from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing
from incubator.optimise.assignment import AssignmentError, check_assignment, solve_assignment
from incubator.optimise.solver import SolverError
from investors.matching import rules
from investors.matching.enums import MatchState, RunState
from investors.matching.errors import (
    MatchDecided,
    PublishedMeanwhile,
    ReasonMissing,
    RunFailed,
    RunNotDraft,
)
from investors.matching.facts import collect_facts
from investors.matching.models import REASON_LIMIT, Match, MatchRun
from investors.matching.problem import (
    assignment_of,
    canonical_problem,
    canonical_result,
    digest,
    score_all,
    shortfalls_of,
)
from investors.matching.weight_sets import active_weights


@transaction.atomic
def run_matching(*, actor: Any, now: datetime) -> MatchRun:
    """Match all companies in residence with all active firms, as the facts are now, and keep it as a draft.

    The same facts give the same result. Raises NotAllowed, RunFailed.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    facts, weights = collect_facts(timezone.localdate(now)), active_weights()
    scores = score_all(facts, weights)
    problem = assignment_of(facts, scores)
    try:
        result = solve_assignment(problem)
    except (AssignmentError, SolverError) as error:
        raise RunFailed(detail=str(error)) from error
    if broken := check_assignment(problem, result):
        raise RunFailed(detail=broken[0])
    kept = canonical_problem(facts, scores, weights)
    run = MatchRun.objects.create(
        started_by=actor,
        run_at=now,
        weights_version=weights.version,
        minimum=facts.minimum,
        objective=result.objective,
        bound=result.bound,
        input_hash=digest(kept),
        result_hash=digest(canonical_result(result)),
        problem=kept,
        shortfalls=shortfalls_of(result),
        solver=f"highspy {version('highspy')}, {result.method}",
    )
    Match.objects.bulk_create(
        Match(
            run=run,
            company_id=company,
            firm_id=firm,
            score=scores[company, firm].score,
            components=[asdict(component) for component in scores[company, firm].components],
            missing=list(scores[company, firm].missing),
        )
        for company, firm in sorted(result.pairs)
    )
    return run


@transaction.atomic
def publish_run(*, run: MatchRun, actor: Any, now: datetime) -> MatchRun:
    """Show the run's matches to both sides, instead of those of the run before; what was dismissed stays hidden.

    Raises NotAllowed, RunNotDraft, PublishedMeanwhile.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    run = MatchRun.objects.select_for_update().defer("problem").get(pk=run.pk)
    if run.state != RunState.DRAFT:
        raise RunNotDraft
    former = MatchRun.objects.filter(state=RunState.PUBLISHED)
    Match.objects.filter(run__in=former.values("pk"), published=True).update(published=False)
    former.update(state=RunState.ARCHIVED, updated_at=now)
    run.state, run.published_at = RunState.PUBLISHED, now
    with refusing({"matching_one_published_run": PublishedMeanwhile}):
        run.save(update_fields=["state", "published_at", "updated_at"])
    Match.objects.filter(run=run).exclude(state=MatchState.DISMISSED).update(published=True)
    return run


@transaction.atomic
def dismiss_match(*, match: Match, reason: str, actor: Any, now: datetime) -> Match:
    """Put a proposed match aside: neither side sees it any more. Raises NotAllowed, ReasonMissing, MatchDecided."""
    if not rules.may_match(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    match = Match.objects.select_for_update(of=("self",)).select_related("company", "firm").get(pk=match.pk)
    if match.state != MatchState.PROPOSED:
        raise MatchDecided
    match.state, match.published = MatchState.DISMISSED, False
    match.decided_by, match.decided_at = actor, now
    match.decision_reason = reason.strip()[:REASON_LIMIT]
    match.save(update_fields=["state", "published", "decided_by", "decided_at", "decision_reason"])
    return match
