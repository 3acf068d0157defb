"""What the office records at the desk: who has come, what each side says, and the introduction that follows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from investors.demoday.enums import (
    NO_SHOWS,
    Called,
    DayState,
    MeetingState,
    PassReason,
    PlanState,
    Side,
    VerdictValue,
)
from investors.demoday.errors import (
    FollowedUp,
    MeetingClosed,
    NotBothContinue,
    NotYet,
    PassNeedsReason,
)
from investors.demoday.models import DemoDay, Meeting, Verdict
from investors.demoday.models.verdicts import NOTE_LIMIT
from investors.matching.enums import DisclosureItem, IntroductionState, MatchState
from investors.matching.models import Introduction, Match
from investors.matching.services import introduce, introduce_pair, record_outcome

from .days import demand_planner, locked_day

# From here an introduction goes on to talks, once both have met and want to continue.
GOES_ON = (IntroductionState.CONSENTED, IntroductionState.SENT, IntroductionState.MET)


def _in_force(meeting: Meeting) -> tuple[DemoDay, Meeting]:
    """The pair's meeting in the timetable in force, whichever version the desk had open. Raises MeetingClosed."""
    day = locked_day(meeting.plan.day)
    found = (
        Meeting.objects.select_for_update(of=("self",))
        .filter(
            plan__day=day,
            plan__state=PlanState.PUBLISHED,
            company_id=meeting.company_id,
            firm_id=meeting.firm_id,
        )
        .exclude(state=MeetingState.CANCELLED)
        .first()
    )
    if found is None or day.state not in (DayState.PUBLISHED, DayState.OVER):
        raise MeetingClosed
    return day, found


@transaction.atomic
def mark_meeting(*, meeting: Meeting, state: str, actor: Any) -> Meeting:
    """Who has come, that it runs or is over, or back to planned. Whoever was called is called no more.

    Raises NotAllowed, MeetingClosed.
    """
    demand_planner(actor)
    _day, meeting = _in_force(meeting)
    if state not in MeetingState.values or state == MeetingState.CANCELLED:
        raise MeetingClosed
    meeting.state, meeting.called = state, ""
    meeting.save(update_fields=["state", "called", "updated_at"])
    return meeting


@transaction.atomic
def call_to_table(*, meeting: Meeting, who: str, actor: Any) -> Meeting:
    """Show on the board who is awaited at the table (Called), or "" to take it away. Raises NotAllowed, MeetingClosed."""
    demand_planner(actor)
    _day, meeting = _in_force(meeting)
    if who and who not in Called.values:
        raise MeetingClosed
    meeting.called = who
    meeting.save(update_fields=["called", "updated_at"])
    return meeting


def _introductions(day: DemoDay, meeting: Meeting) -> Any:
    """Introductions of the pair that came out of this day and are under way."""
    return Introduction.objects.filter(
        company_id=meeting.company_id,
        firm_id=meeting.firm_id,
        state__in=Introduction.LIVE,
        made_at__gte=day.slots[0].starts,
    )


@transaction.atomic
def record_verdict(
    *,
    meeting: Meeting,
    side: Side | str,
    value: VerdictValue | str,
    actor: Any,
    now: datetime,
    reason: str = "",
    note: str = "",
) -> Verdict:
    """What one side says after its meeting, instead of what it said before. The meeting is over by it.

    Raises NotAllowed, MeetingClosed, NotYet, PassNeedsReason, FollowedUp.
    """
    demand_planner(actor)
    day, meeting = _in_force(meeting)
    if day.slots[meeting.slot - 1].starts > now:
        raise NotYet
    if value == VerdictValue.PASS and reason not in PassReason.values:
        raise PassNeedsReason
    if value != VerdictValue.CONTINUE and _introductions(day, meeting).exists():
        raise FollowedUp
    verdict, _made = Verdict.objects.update_or_create(
        day=day,
        company_id=meeting.company_id,
        firm_id=meeting.firm_id,
        side=side,
        defaults={
            "value": value,
            "reason": reason if value == VerdictValue.PASS else "",
            "note": note.strip()[:NOTE_LIMIT],
            "recorded_by": actor if getattr(actor, "pk", None) else None,
            "recorded_at": now,
        },
    )
    if meeting.state not in (MeetingState.OVER, *NO_SHOWS):
        meeting.state, meeting.called = MeetingState.OVER, ""
        meeting.save(update_fields=["state", "called", "updated_at"])
    return verdict


@transaction.atomic
def undo_verdict(*, meeting: Meeting, side: Side | str, actor: Any) -> None:
    """Take back what was recorded for one side; its history stays. Raises NotAllowed, MeetingClosed, FollowedUp."""
    demand_planner(actor)
    day, meeting = _in_force(meeting)
    if _introductions(day, meeting).exists():
        raise FollowedUp
    Verdict.objects.filter(
        day=day, company_id=meeting.company_id, firm_id=meeting.firm_id, side=side
    ).delete()


@transaction.atomic
def propose_introduction(
    *,
    meeting: Meeting,
    actor: Any,
    now: datetime,
    items: Iterable[str] = (DisclosureItem.CONTACT,),
    message: str = "",
) -> Introduction:
    """Both want to continue: ask the company whether the firm may see `items`, as after a match. An introduction that is
    under way goes on to "talks go on" instead, where the company has agreed already.

    Raises NotAllowed, MeetingClosed, NotBothContinue, and what `introduce` raises.
    """
    demand_planner(actor)
    day, meeting = _in_force(meeting)
    pair = {"company_id": meeting.company_id, "firm_id": meeting.firm_id}
    both = Verdict.objects.filter(day=day, value=VerdictValue.CONTINUE, **pair)
    if both.count() < 2:
        raise NotBothContinue
    live = Introduction.objects.filter(state__in=Introduction.LIVE, **pair).first()
    if live is not None:
        if live.state in GOES_ON:
            live = record_outcome(
                introduction=live,
                state=IntroductionState.CONTINUING,
                note=_("Met at %(day)s; both want to continue.") % {"day": day.display_title},
                on=day.day,
                actor=actor,
                now=now,
            )
        return live
    match = (
        Match.objects.filter(**pair)
        .exclude(state=MatchState.DISMISSED)
        .order_by("-run__run_at", "-pk")
        .first()
    )
    asked: dict[str, Any] = {
        "items": items,
        "message": message,
        "actor": actor,
        "now": now,
    }
    if match is not None:
        return introduce(match=match, **asked)
    return introduce_pair(company=meeting.company, firm=meeting.firm, **asked)
