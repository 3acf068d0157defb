"""Two matching runs, and what managers and companies made of the published one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from investors.matching.enums import (
    ConflictKind,
    DisclosureItem,
    EditKind,
    IntroductionState,
    PassReason,
    PreferenceLevel,
    Round,
    Side,
)
from investors.matching.models import Introduction, Match, MatchRun
from investors.matching.services import (
    answer_introduction,
    arrange_meeting,
    call_off_introduction,
    declare_conflict,
    dismiss_match,
    edit_run,
    introduce,
    publish_run,
    record_conflict,
    record_investment,
    record_outcome,
    run_matching,
    set_preference,
    tell_firm,
    withdraw_disclosure,
)

from .camp import Camp, as_owner
from .days import days_before
from .technologies import weigh_technologies_more
from .texts import (
    CALL_OFF_REASON,
    DECLINE_REASON,
    DISMISS_REASONS,
    FAMILY_EVIDENCE,
    INTRODUCTION_MESSAGES,
    MEETING_PLACE,
    OUTCOME_NOTES,
    WISH_REASON,
)

PUBLISHED_DAYS_AGO = 34
# How many introductions of a camp of full size end in each way, those first that even the smallest camp shows.
_ENDS = {
    "asked": 3,
    "consented": 3,
    "declined": 2,
    "sent": 3,
    "meeting": 2,
    "met": 3,
    "continuing": 2,
    "term_sheet": 1,
    "passed": 3,
    "invested": 2,
    "consent_withdrawn": 2,
    "called_off": 1,
}
_DISMISSED = 6
_STEPS: dict[str, tuple[str, ...]] = {
    "sent": ("sent",),
    "meeting": ("sent",),
    "met": ("sent", "met"),
    "continuing": ("sent", "met", "continuing"),
    "term_sheet": ("sent", "met", "continuing", "term_sheet"),
    "passed": ("sent", "met", "passed"),
    "invested": ("sent", "met", "continuing", "invested"),
}
_ROUNDS = ((Round.SEED, 300_000_000), (Round.PRE_A, 1_200_000_000))
_ITEMS = (
    [DisclosureItem.CONTACT],
    [DisclosureItem.CONTACT, DisclosureItem.REVENUE],
    [DisclosureItem.CONTACT, DisclosureItem.REVENUE, DisclosureItem.BUSINESS_NUMBER],
)


def make_matches(camp: Camp) -> int:
    """A run that was published a month ago, and a draft of yesterday that knows of the newcomers as well."""
    ran = camp.at(days_before(camp.today, PUBLISHED_DAYS_AGO), 14)
    run = run_matching(actor=camp.director, now=ran)
    publish_run(run=run, actor=camp.director, now=ran + timedelta(days=1))
    dice = camp.dice("introductions")
    matches = _in_order(camp, list(Match.objects.filter(run=run).select_related("company", "firm")), dice)
    ends = iter([end for end, count in _ENDS.items() for _ in range(camp.share(count))])
    _introduce(camp, dice, next(ends, "asked"), matches.pop(0))
    aside = [matches.pop() for _each in range(min(camp.share(_DISMISSED), len(matches) // 4))]
    for end in ends:
        if match := _take(matches, end):
            _introduce(camp, dice, end, match)
    for match in aside:
        dismiss_match(
            match=match,
            reason=dice.choice(DISMISS_REASONS),
            actor=camp.director,
            now=camp.at(days_before(camp.today, dice.randint(2, 30)), 15),
        )
    weigh_technologies_more(camp)
    _say(camp, run)
    draft = run_matching(actor=camp.director, now=camp.at(days_before(camp.today, 1), 17))
    _change(camp, draft)
    return Match.objects.count()


def _say(camp: Camp, run: MatchRun) -> None:
    """The first company wishes for one of its firms and declines another; a firm must meet a company, and the office
    knows of a family."""
    own = sorted(Match.objects.filter(run=run, company=camp.companies[0]), key=lambda match: -match.score)
    owner = as_owner(camp.owners[0], camp.companies[0])
    now = camp.at(days_before(camp.today, 3), 11)
    for rank, match in enumerate(own[:2], start=1):
        set_preference(
            company=camp.companies[0],
            firm_id=match.firm_id,
            side=Side.COMPANY,
            level=PreferenceLevel.MUST if rank == 1 else PreferenceLevel.MEET,
            rank=rank,
            reason=WISH_REASON,
            actor=owner,
        )
        set_preference(
            company=camp.companies[0],
            firm_id=match.firm_id,
            side=Side.FIRM,
            level=PreferenceLevel.MEET,
            actor=camp.director,
        )
    for match in own[2:3]:
        declare_conflict(
            company=camp.companies[0],
            firm_id=match.firm_id,
            kind=ConflictKind.DECLINED,
            until=days_before(camp.today, -90),
            evidence=DECLINE_REASON,
            actor=owner,
            now=now,
        )
    if len(camp.companies) > 1 and camp.firms:
        record_conflict(
            company=camp.companies[1],
            firm=camp.firms[-1],
            kind=ConflictKind.FAMILY,
            evidence=FAMILY_EVIDENCE,
            actor=camp.director,
            now=now,
        )


def _change(camp: Camp, draft: MatchRun) -> None:
    """A manager has locked the draft's best pair."""
    best = draft.matches.order_by("-score", "company__business_number", "firm__name").first()
    if best is not None:
        edit_run(
            run=draft,
            kind=EditKind.LOCK,
            company_id=best.company_id,
            firm_id=best.firm_id,
            before=draft.result_hash,
            actor=camp.director,
            now=camp.at(days_before(camp.today, 1), 18),
        )


def _in_order(camp: Camp, matches: list[Match], dice: Random) -> list[Match]:
    """The first company's best match, two that the first firm's people will have something to read of, and the others by
    chance; all but the first are of companies that investors see."""
    first, first_firm = camp.companies[0].pk, camp.firms[0].pk
    seen = [match for match in matches if match.company.visible_to_investors and match.company_id != first]
    seen.sort(key=lambda match: (match.company.business_number, match.firm.name))
    dice.shuffle(seen)
    shown = [match for match in seen if match.firm_id == first_firm][:2]
    own = sorted((match for match in matches if match.company_id == first), key=lambda match: -match.score)
    return [*own[:1], *shown, *(match for match in seen if match not in shown)]


def _take(matches: list[Match], end: str) -> Match | None:
    """The next match: from the front where a firm comes to see it, from the back where it may not."""
    if not matches:
        return None
    return matches.pop(0 if end in _STEPS else -1)


def _introduce(camp: Camp, dice: Random, end: str, match: Match) -> None:
    moments = _moments(camp, dice)
    introduction = introduce(
        match=match,
        items=dice.choice(_ITEMS),
        message=dice.choice(INTRODUCTION_MESSAGES),
        actor=camp.director,
        now=next(moments),
    )
    if end == "asked":
        return
    owner = camp.members[match.company_id][0]
    agrees = end != "declined"
    introduction = answer_introduction(
        introduction=introduction,
        consent=agrees,
        reason="" if agrees else DECLINE_REASON,
        actor=owner,
        now=next(moments),
    )
    for step in _STEPS.get(end, ()):
        introduction = _step(camp, dice, introduction, step, next(moments))
    if end == "meeting":
        arrange_meeting(
            introduction=introduction,
            meets_at=camp.at(camp.today + timedelta(days=dice.randint(2, 9)), dice.randint(10, 16)),
            meets_where=MEETING_PLACE,
            actor=camp.director,
            now=next(moments),
        )
    if end == "consent_withdrawn":
        disclosure = introduction.disclosures.get()
        withdraw_disclosure(disclosure=disclosure, actor=owner, now=next(moments))
    if end == "called_off":
        call_off_introduction(
            introduction=introduction, reason=CALL_OFF_REASON, actor=camp.director, now=next(moments)
        )


def _step(camp: Camp, dice: Random, introduction: Introduction, step: str, now: datetime) -> Introduction:
    common: dict[str, Any] = {"introduction": introduction, "actor": camp.director, "now": now}
    if step == "sent":
        return tell_firm(**common)
    if step == "invested":
        funding_round, amount = dice.choice(_ROUNDS)
        investment = record_investment(
            **common,
            invested_on=timezone.localdate(now),
            funding_round=funding_round,
            amount_krw=amount,
            note=OUTCOME_NOTES[step],
        )
        return investment.introduction
    return record_outcome(
        **common,
        state=IntroductionState(step),
        note=OUTCOME_NOTES[step],
        pass_reason=PassReason.SECTOR if step == "passed" else "",
    )


def _moments(camp: Camp, dice: Random) -> Iterator[datetime]:
    """Days between the publishing and yesterday, one after the other."""
    ago = PUBLISHED_DAYS_AGO - dice.randint(2, 6)
    while True:
        yield camp.at(days_before(camp.today, max(ago, 1)), 10 + ago % 7)
        ago -= dice.randint(3, 6)


def introductions() -> int:
    return Introduction.objects.count()
