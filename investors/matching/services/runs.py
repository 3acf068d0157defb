"""Running the matching, repeating and publishing a run, putting a match aside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing
from incubator.common.fingerprints import fingerprint
from investors.matching import rules
from investors.matching.enums import MatchState, RunState
from investors.matching.errors import (
    MatchDecided,
    PublishedMeanwhile,
    ReasonMissing,
    RunNotDraft,
    RunOutdated,
)
from investors.matching.facts import collect_facts
from investors.matching.limits import collect_limits
from investors.matching.models import REASON_LIMIT, Match, MatchRun
from investors.matching.problem import canonical_result
from investors.matching.scoring import hard_limits
from investors.matching.solving import code_version, resolved

from .planning import plan_run, read_input, store_run

_NAMED = 5


@transaction.atomic
def run_matching(
    *,
    actor: Any,
    now: datetime,
    only_seen: bool = False,
    keep_locks_of: MatchRun | None = None,
) -> MatchRun:
    """Match all companies in residence with all active firms, as the facts are now, and keep it as a draft.

    `only_seen`: only companies that have agreed to be seen. The same facts give the same result. Raises NotAllowed,
    RunFailed.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    made = read_input(now, only_seen=only_seen, keep_locks_of=keep_locks_of)
    return store_run(plan_run(made), actor=actor, now=now)


@dataclass(frozen=True)
class Repeated:
    """What a run gives today. `same_code`: the code that decides is what it was, to the character."""

    input_hash: str
    result_hash: str
    same_input: bool
    same_result: bool
    same_code: bool


def repeat_run(*, run: MatchRun, actor: Any) -> Repeated:
    """Solve the kept input again and compare; writes nothing. Raises NotAllowed."""
    if not rules.may_match(actor):
        raise NotAllowed
    found_input = fingerprint(run.problem)
    found = fingerprint(canonical_result(resolved(run.problem)))
    return Repeated(
        input_hash=found_input,
        result_hash=found,
        same_input=found_input == run.input_hash,
        same_result=found == run.result_hash,
        same_code=run.code_version == code_version(),
    )


@transaction.atomic
def publish_run(*, run: MatchRun, actor: Any, now: datetime) -> MatchRun:
    """Show the run's matches to both sides, instead of those of the run before; what was dismissed stays hidden.

    From then on the database refuses to change it. Raises NotAllowed, RunNotDraft, RunOutdated, PublishedMeanwhile.
    """
    if not rules.may_match(actor):
        raise NotAllowed
    run = MatchRun.objects.select_for_update().defer(*MatchRun.LARGE).get(pk=run.pk)
    if run.state != RunState.DRAFT:
        raise RunNotDraft
    if apart := _apart_since(run, now):
        raise RunOutdated(pairs=", ".join(map(str, apart[:_NAMED])))
    former = MatchRun.objects.filter(state=RunState.PUBLISHED)
    Match.objects.filter(run__in=former.values("pk"), published=True).update(published=False)
    former.update(state=RunState.ARCHIVED, updated_at=now)
    run.state, run.published_at = RunState.PUBLISHED, now
    with refusing({"matching_one_published_run": PublishedMeanwhile}):
        run.save(update_fields=["state", "published_at", "updated_at"])
    Match.objects.filter(run=run).exclude(state=MatchState.DISMISSED).update(published=True)
    return run


def _apart_since(run: MatchRun, now: datetime) -> list[Match]:
    """Matches of a draft that a conflict, a veto or a refusal has come between since."""
    today = timezone.localdate(now)
    limits, facts = collect_limits(today), collect_facts(today)
    apart = {(limit.company, limit.firm) for limit in limits.pairs}
    companies = {company.id: company for company in facts.companies}
    mandates = {mandate.firm_id: mandate for mandate in facts.mandates}

    def is_apart(match: Match) -> bool:
        company, mandate = companies.get(match.company_id), mandates.get(match.firm_id)
        if match.company_id in limits.companies or (match.company_id, match.firm_id) in apart:
            return True
        return bool(company and mandate and hard_limits(company, mandate))

    waiting = run.matches.filter(state=MatchState.PROPOSED).select_related("company", "firm")
    return [match for match in waiting.order_by("company__name", "firm__name") if is_apart(match)]


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
