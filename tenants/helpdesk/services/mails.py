"""Who is told of which line of a history: the other side, each person once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import User
from incubator.common.dbroles import acting_as_system
from incubator.mailing.services import write_mail
from tenants.companies.models import Membership
from tenants.helpdesk.enums import EventKind
from tenants.helpdesk.models import HelpRequest, RequestEvent

TOPIC = "helpdesk"


def tell_of(event: RequestEvent, *, now: datetime) -> int:
    """Write the mails of a line in the transaction that wrote the line; how many. They go out once it is committed.

    Internal lines are told nobody. Whoever did it is not told of it.
    """
    if event.internal:
        return 0
    # A founder may neither read the addresses of the camp office nor write mails.
    with acting_as_system():
        people = [user for user in _recipients(event) if user.pk != event.actor_id]
        for user in people:
            write_mail(
                topic=TOPIC,
                key=f"{TOPIC}/{event.pk}/{user.pk}",
                user=user,
                template="helpdesk_camp" if user.to_camp else "helpdesk_company",
                context={"event": event, "asked": event.request, "company": event.request.company},
                now=now,
            )
    return len(people)


def _recipients(event: RequestEvent) -> Iterable[Any]:
    request = event.request
    if event.kind == EventKind.ASSIGNED:
        return _marked([event.assignee] if event.assignee else [], to_camp=True)
    if event.by_camp:
        return _marked(_of_company(request), to_camp=False)
    return _marked(_of_camp(request), to_camp=True)


def _marked(users: Iterable[User], *, to_camp: bool) -> list[Any]:
    people: list[Any] = list(users)
    for person in people:
        person.to_camp = to_camp
    return people


def _of_company(request: HelpRequest) -> list[User]:
    """Who reported it, while they are of the company; else its owners."""
    members = Membership.objects.filter(company_id=request.company_id, user__is_active=True)
    of = list(members.select_related("user").order_by("pk"))
    reporter = [each.user for each in of if each.user_id == request.asked_by_id]
    return reporter or [each.user for each in of if each.level == "owner"]


def _of_camp(request: HelpRequest) -> list[User]:
    """Who is in charge; else the managers of leases, else the directors."""
    active = User.objects.filter(is_active=True).order_by("pk")
    if request.owner_id and (owner := active.filter(pk=request.owner_id).first()):
        return [owner]
    for group in (StaffGroup.LEASES, StaffGroup.DIRECTOR):
        if people := list(active.filter(staff_memberships__group=group)):
            return people
    return []
