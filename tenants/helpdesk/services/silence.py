"""What was solved and nobody contradicted closes by itself."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed
from tenants.helpdesk.enums import ClosedBy, RequestState
from tenants.helpdesk.models import HelpRequest
from tenants.helpdesk.rules import may_handle

from .events import step


@transaction.atomic
def close_silent(*, actor: Any, now: datetime) -> int:
    """Close what was solved and whose last day to answer is over; how many. A second run finds none."""
    if not may_handle(actor):
        raise NotAllowed
    silent = list(
        HelpRequest.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(state=RequestState.SOLVED, closes_on__lt=timezone.localdate(now))
        .order_by("pk")
    )
    for request in silent:
        step(
            request,
            RequestState.CLOSED,
            allowed=[RequestState.SOLVED],
            actor=actor,
            now=now,
            closed_at=now,
            closed_by=ClosedBy.SILENCE,
        )
    return len(silent)
