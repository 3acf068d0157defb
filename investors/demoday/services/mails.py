"""Mails at publishing, at changes, and when a day is called off: each person once a version, only where theirs changed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from incubator.accounts.models import User
from incubator.common.display import clock
from incubator.mailing.services import write_mail
from investors.demoday.enums import MeetingState, PlanState
from investors.demoday.models import DemoDay, Meeting, Plan

TOPIC = "demoday"
Party = tuple[str, int]


def _by_party(meetings: Iterable[Meeting]) -> dict[Party, dict[int, Meeting]]:
    """Each side's held meetings by the other side's id."""
    found: dict[Party, dict[int, Meeting]] = defaultdict(dict)
    for each in meetings:
        if each.state != MeetingState.CANCELLED:
            found["company", each.company_id][each.firm_id] = each
            found["firm", each.firm_id][each.company_id] = each
    return found


def _place(meeting: Meeting | None) -> tuple[int, int] | None:
    return (meeting.slot, meeting.table) if meeting else None


def _people(companies: Iterable[int], firms: Iterable[int]) -> dict[Party, list[User]]:
    """The owners of companies and the members of firms who can sign in."""
    found: dict[Party, list[User]] = defaultdict(list)
    people = User.objects.filter(is_active=True)
    for user, company in _pairs(
        people.filter(memberships__level="owner"), "memberships__company_id", companies
    ):
        found["company", company].append(user)
    for user, firm in _pairs(people, "firm_memberships__firm_id", firms):
        found["firm", firm].append(user)
    return found


def _pairs(people: Any, path: str, ids: Iterable[int]) -> list[tuple[User, int]]:
    chosen = people.filter(**{f"{path}__in": list(ids)}).annotate(party=F(path)).order_by("pk")
    return [(user, user.party) for user in chosen]


def tell_changes(*, day: DemoDay, plan: Plan, before: Iterable[Meeting], now: datetime) -> int:
    """Tell everybody whose meetings are others than before; how many were told."""
    after = list(plan.meetings.select_related("company", "firm"))
    old, new = _by_party(before), _by_party(after)
    changed = [
        party
        for party in sorted({*old, *new})
        if {pk: _place(each) for pk, each in old[party].items()}
        != {pk: _place(each) for pk, each in new[party].items()}
    ]
    first = not old
    starts = {slot.number: slot.starts for slot in day.slots}
    people = _people(
        (pk for side, pk in changed if side == "company"), (pk for side, pk in changed if side == "firm")
    )
    told = 0
    for party in changed:
        side, _pk = party
        meetings = sorted(new[party].values(), key=lambda each: each.slot)
        lines = [
            {
                "clock": clock(starts[each.slot]),
                "table": each.table,
                "other": each.firm.name if side == "company" else each.company.name,
                "new": not first
                and _place(old[party].get(each.firm_id if side == "company" else each.company_id))
                != _place(each),
            }
            for each in meetings
        ]
        for user in people[party]:
            write_mail(
                topic=TOPIC,
                key=f"demoday:{plan.pk}:{side}:{party[1]}:{user.pk}",
                user=user,
                template="demoday_published" if first else "demoday_changed",
                context={"day": day, "lines": lines, "side": side},
                now=now,
            )
            told += 1
    return told


def tell_called_off(*, day: DemoDay, now: datetime) -> int:
    """Tell everybody who has a meeting; how many were told."""
    parties = _by_party(Meeting.objects.filter(plan__day=day, plan__state=PlanState.PUBLISHED))
    people = _people(
        (pk for side, pk in parties if side == "company"), (pk for side, pk in parties if side == "firm")
    )
    told = 0
    for (side, pk), users in sorted(people.items()):
        for user in users:
            write_mail(
                topic=TOPIC,
                key=f"demoday-off:{day.pk}:{side}:{pk}:{user.pk}",
                user=user,
                template="demoday_called_off",
                context={"day": day},
                now=now,
            )
            told += 1
    return told
