"""The camp's side: answer, take in hand, solve, decline; and notes that stay inside."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed
from tenants.helpdesk.enums import CAMPS_TURN, OPEN_STATES, EventKind, RequestState
from tenants.helpdesk.errors import DueInThePast, NotStaff, ReasonMissing, TextMissing
from tenants.helpdesk.models import HelpRequest, RequestEvent
from tenants.helpdesk.rules import may_handle
from tenants.helpdesk.selectors import handlers

from .events import checked_photos, locked, locked_live, step, write


def _demand_handler(actor: Any) -> None:
    if not may_handle(actor):
        raise NotAllowed


def _answered(request: HelpRequest, now: datetime) -> dict[str, Any]:
    """The first answer that the company reads is what the time to the first answer counts."""
    return {} if request.answered_at else {"answered_at": now}


@transaction.atomic
def note(*, request: HelpRequest, text: str, actor: Any, now: datetime) -> RequestEvent:
    """A line that only the camp office reads. Raises NotAllowed, TextMissing."""
    _demand_handler(actor)
    if not text.strip():
        raise TextMissing
    return write(
        locked(request), EventKind.NOTE, internal=True, text=text.strip(), actor=actor, now=now, tell=False
    )


@transaction.atomic
def answer(
    *, request: HelpRequest, text: str, actor: Any, now: datetime, photos: Sequence[Any] = ()
) -> RequestEvent:
    """Write to the company. Raises NotAllowed, TextMissing, RequestOver, TooManyPhotos, NotAPicture and its kin."""
    _demand_handler(actor)
    if not text.strip():
        raise TextMissing
    kept = checked_photos(photos)
    request = locked_live(request)
    if first := _answered(request, now):
        request.answered_at = now
        request.save(update_fields=[*first, "updated_at"])
    return write(request, EventKind.COMMENT, text=text.strip(), photos=kept, actor=actor, now=now)


@transaction.atomic
def start(*, request: HelpRequest, actor: Any, now: datetime, text: str = "") -> HelpRequest:
    """Somebody works on it: the actor, unless another is in charge. Raises NotAllowed, WrongStep."""
    _demand_handler(actor)
    request = locked(request)
    owner = {} if request.owner_id or not getattr(actor, "pk", None) else {"owner_id": actor.pk}
    step(
        request,
        RequestState.IN_PROGRESS,
        allowed=[RequestState.RECEIVED, RequestState.WAITING, RequestState.REOPENED],
        text=text.strip(),
        actor=actor,
        now=now,
        **owner,
        **_answered(request, now),
    )
    return request


@transaction.atomic
def wait_for_company(*, request: HelpRequest, text: str, actor: Any, now: datetime) -> HelpRequest:
    """Ask the company something without which nothing goes on. Raises NotAllowed, TextMissing, WrongStep."""
    _demand_handler(actor)
    if not text.strip():
        raise TextMissing
    request = locked(request)
    step(
        request,
        RequestState.WAITING,
        allowed=CAMPS_TURN,
        text=text.strip(),
        actor=actor,
        now=now,
        **_answered(request, now),
    )
    return request


@transaction.atomic
def solve(*, request: HelpRequest, text: str, actor: Any, now: datetime) -> HelpRequest:
    """Say what was done. The company confirms it, opens it again, or is silent until it closes by itself.

    Raises NotAllowed, TextMissing, WrongStep.
    """
    _demand_handler(actor)
    if not text.strip():
        raise TextMissing
    request = locked(request)
    closes_on = timezone.localdate(now) + timedelta(days=request.category.silence_days)
    step(
        request,
        RequestState.SOLVED,
        allowed=OPEN_STATES,
        text=text.strip(),
        actor=actor,
        now=now,
        solved_at=now,
        closes_on=closes_on,
        **_answered(request, now),
    )
    return request


@transaction.atomic
def decline(*, request: HelpRequest, text: str, actor: Any, now: datetime) -> HelpRequest:
    """Say no, with a reason that the company reads. Raises NotAllowed, ReasonMissing, WrongStep."""
    _demand_handler(actor)
    if not text.strip():
        raise ReasonMissing
    request = locked(request)
    step(
        request,
        RequestState.DECLINED,
        allowed=OPEN_STATES,
        text=text.strip(),
        actor=actor,
        now=now,
        closed_at=now,
        **_answered(request, now),
    )
    return request


@transaction.atomic
def assign(*, request: HelpRequest, owner: Any, actor: Any, now: datetime) -> HelpRequest:
    """Put it into somebody's hands, who is told. Raises NotAllowed, NotStaff, RequestOver."""
    _demand_handler(actor)
    if not handlers().filter(pk=owner.pk).exists():
        raise NotStaff
    request = locked_live(request)
    if request.owner_id == owner.pk:
        return request
    request.owner = owner
    request.save(update_fields=["owner", "updated_at"])
    write(request, EventKind.ASSIGNED, assignee=owner, text=owner.name, actor=actor, now=now)
    return request


@transaction.atomic
def set_due(*, request: HelpRequest, due_on: date, actor: Any, now: datetime, text: str = "") -> HelpRequest:
    """Promise another day. Raises NotAllowed, DueInThePast, RequestOver."""
    _demand_handler(actor)
    if due_on < timezone.localdate(now):
        raise DueInThePast
    request = locked_live(request)
    if request.due_on == due_on:
        return request
    request.due_on = due_on
    request.save(update_fields=["due_on", "updated_at"])
    write(request, EventKind.DUE, due_on=due_on, text=text.strip(), actor=actor, now=now)
    return request
