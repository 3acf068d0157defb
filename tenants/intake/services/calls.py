"""A call from its draft to its end."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incubator.common.display import moment
from incubator.common.errors import Invalid, NotAllowed, refusing, validate
from incubator.common.uploads import checked_document
from tenants.companies.slugs import slug_of
from tenants.intake.enums import NEXT_STATES, UNVEILED_STATES, ApplicationState, CallState
from tenants.intake.errors import (
    CallIncomplete,
    CriteriaFrozen,
    PlacesBelowAccepted,
    QuestionsFrozen,
    StillOpen,
    Undecided,
    WrongCallState,
)
from tenants.intake.models import Application, Call, CallFile
from tenants.intake.rules import may_manage_intake

# What the triggers of the database say, in words.
FROZEN = {
    "intake_questions_frozen": QuestionsFrozen,
    "intake_criteria_frozen": CriteriaFrozen,
    "intake_places_below_accepted": PlacesBelowAccepted,
}


@transaction.atomic
def save_call(*, call: Call, actor: Any, now: datetime) -> Call:
    """Keep a new call, or what changed of one; its address comes from its title and stays.

    Raises NotAllowed, Invalid, PlacesBelowAccepted.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    if not call.slug:
        wanted = slug_of(call.title_en, call.title, length=50)
        taken = set(Call.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
        call.slug = next(
            slug
            for n in range(1, len(taken) + 3)
            if (slug := wanted if n == 1 else f"{wanted}-{n}") not in taken
        )
    validate(call)
    if call.closes_at <= call.opens_at:
        raise Invalid(_("A call closes after it opens."), field="closes_at")
    with refusing(FROZEN):
        call.save()
    return call


@transaction.atomic
def move_call(*, call: Call, state: str, actor: Any, now: datetime) -> Call:
    """Take a call to its next state (NEXT_STATES).

    Published with at least one criterion; screened when it has closed; decided when every eligible application is.
    Raises NotAllowed, WrongCallState, CallIncomplete, StillOpen, Undecided.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    call = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if state not in NEXT_STATES[call.state]:
        raise WrongCallState(state=call.get_state_display())
    if state == CallState.OPEN and not call.criteria.exists():
        raise CallIncomplete
    if call.state == CallState.OPEN and now <= call.closes_at:
        raise StillOpen(closes=moment(call.closes_at))
    if state == CallState.DECIDED:
        open_states = (ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE)
        undecided = Application.objects.filter(call=call, state__in=open_states).count()
        if undecided:
            raise Undecided(count=undecided)
    call.state = state
    if state in UNVEILED_STATES and call.decided_at is None:
        call.decided_at = now
    call.save(update_fields=["state", "decided_at", "updated_at"])
    return call


@transaction.atomic
def attach_to_call(*, call: Call, file: Any, actor: Any, now: datetime) -> CallFile:
    """Something to download with the call. Raises NotAllowed, and what uploads raise."""
    if not may_manage_intake(actor):
        raise NotAllowed
    document = checked_document(file)
    attached = CallFile(call=call, file=document.file, name=document.name, content_type=document.content_type)
    attached.save()
    return attached
