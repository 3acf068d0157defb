"""The company's side: report, add, say whether it is solved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.companies.models import Company
from tenants.helpdesk.enums import ClosedBy, EventKind, RequestState, Urgency
from tenants.helpdesk.errors import (
    CategoryClosed,
    KeyUsed,
    ReasonMissing,
    SatisfactionOutOfRange,
    TextMissing,
    UnknownPlace,
)
from tenants.helpdesk.models import Category, HelpRequest, RequestEvent
from tenants.helpdesk.places import places_of
from tenants.helpdesk.rules import is_of, may_report
from tenants.helpdesk.working_days import after_working_days

from .events import checked_photos, locked, locked_live, step, write

ONCE = "helpdesk_request_once"


class _ReportedBefore(KeyUsed):
    """The same key was used in the moment between looking and writing."""


@transaction.atomic
def report_problem(
    *,
    company: Company,
    category: Category,
    title: str,
    text: str,
    key: str,
    actor: Any,
    now: datetime,
    urgency: str = Urgency.NORMAL,
    place: str = "",
    photos: Sequence[Any] = (),
) -> HelpRequest:
    """Report a problem or a wish. Due after the category's working days, in the hands of whom the category goes to.

    The same `key` again returns the request that it made the first time. `place` is one of the company's own spaces in words, or
    empty. Raises NotAllowed, CategoryClosed, UnknownPlace, TextMissing, TooManyPhotos, NotAPicture and its kin, KeyUsed,
    Invalid.
    """
    if not may_report(actor, company.pk):
        raise NotAllowed
    if (made := _reported_before(company, key, title, text)) is not None:
        return made
    if not category.active:
        raise CategoryClosed
    if place and is_of(actor, company.pk) and place not in places_of(actor):
        raise UnknownPlace
    if not title.strip() or not text.strip():
        raise TextMissing(field="title" if not title.strip() else "text")
    kept = checked_photos(photos)
    asked = HelpRequest(
        company=company,
        key=key,
        category=category,
        title=title.strip(),
        text=text.strip(),
        place=place,
        urgency=urgency,
        asked_by=actor if getattr(actor, "pk", None) else None,
        asked_at=now,
        owner_id=category.owner_id,
        due_on=after_working_days(timezone.localdate(now), category.working_days),
    )
    validate(asked, exclude={"company", "category", "asked_by", "owner"})
    try:
        with refusing({ONCE: _ReportedBefore}):
            asked.save()
    except _ReportedBefore:
        made = _reported_before(company, key, title, text)
        if made is None:
            raise
        return made
    write(asked, EventKind.OPENED, to_state=RequestState.RECEIVED, photos=kept, actor=actor, now=now)
    return asked


def _reported_before(company: Company, key: str, title: str, text: str) -> HelpRequest | None:
    made = HelpRequest.objects.filter(company=company, key=key).first()
    if made is None:
        return None
    if (made.title, made.text) != (title.strip(), text.strip()):
        raise KeyUsed
    return made


def _demand_member(actor: Any, request: HelpRequest) -> None:
    if not is_of(actor, request.company_id):
        raise NotAllowed


@transaction.atomic
def comment(
    *, request: HelpRequest, text: str, actor: Any, now: datetime, photos: Sequence[Any] = ()
) -> RequestEvent:
    """The company adds something; a request that waited for it goes on. Raises NotAllowed, TextMissing, RequestOver,
    TooManyPhotos, NotAPicture and its kin."""
    _demand_member(actor, request)
    if not text.strip():
        raise TextMissing
    kept = checked_photos(photos)
    request = locked_live(request)
    if request.state == RequestState.WAITING:
        return step(
            request,
            RequestState.IN_PROGRESS,
            allowed=[RequestState.WAITING],
            text=text.strip(),
            photos=kept,
            actor=actor,
            now=now,
        )
    return write(request, EventKind.COMMENT, text=text.strip(), photos=kept, actor=actor, now=now)


@transaction.atomic
def confirm_solved(
    *, request: HelpRequest, actor: Any, now: datetime, satisfaction: int | None = None, text: str = ""
) -> HelpRequest:
    """The company says that it is solved: that closes it. Raises NotAllowed, WrongStep, SatisfactionOutOfRange."""
    _demand_member(actor, request)
    if satisfaction is not None and satisfaction not in range(1, 6):
        raise SatisfactionOutOfRange
    request = locked(request)
    step(
        request,
        RequestState.CLOSED,
        allowed=[RequestState.SOLVED],
        text=text.strip(),
        actor=actor,
        now=now,
        closed_at=now,
        closed_by=ClosedBy.COMPANY,
        satisfaction=satisfaction,
    )
    return request


@transaction.atomic
def say_unsolved(
    *, request: HelpRequest, text: str, actor: Any, now: datetime, photos: Sequence[Any] = ()
) -> HelpRequest:
    """The company says that it is not solved, and why: that opens it again, with a new due day.

    Raises NotAllowed, ReasonMissing, WrongStep, TooManyPhotos, NotAPicture and its kin.
    """
    _demand_member(actor, request)
    if not text.strip():
        raise ReasonMissing
    kept = checked_photos(photos)
    request = locked(request)
    step(
        request,
        RequestState.REOPENED,
        allowed=[RequestState.SOLVED],
        text=text.strip(),
        photos=kept,
        actor=actor,
        now=now,
        reopened=request.reopened + 1,
        solved_at=None,
        closes_on=None,
        due_on=after_working_days(timezone.localdate(now), request.category.working_days),
    )
    return request


@transaction.atomic
def withdraw(*, request: HelpRequest, actor: Any, now: datetime) -> HelpRequest:
    """The company does not need it any more. Raises NotAllowed, RequestOver."""
    _demand_member(actor, request)
    request = locked_live(request)
    step(
        request,
        RequestState.CLOSED,
        allowed=[request.state],
        actor=actor,
        now=now,
        closed_at=now,
        closed_by=ClosedBy.WITHDRAWN,
    )
    return request
