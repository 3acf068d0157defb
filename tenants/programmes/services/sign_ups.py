"""Signing up, leaving, and moving up on the waiting list."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.companies.models import Company, Membership
from tenants.consulting.locks import hold
from tenants.programmes import rules, selectors
from tenants.programmes.enums import LIVE_SIGN_UPS, ProgrammeState, SignUpState
from tenants.programmes.errors import (
    NotSignedUp,
    PersonNotMember,
    ProgrammeBegun,
    ProgrammeFull,
    ProgrammeUnknown,
    ReasonMissing,
    SignedUpAlready,
    SignUpClosed,
)
from tenants.programmes.models import Programme, SignUp

from .mails import tell

_ONCE = {"programmes_signed_up_once": SignedUpAlready, "programmes_seats_suffice": ProgrammeFull}


@transaction.atomic
def sign_up(
    *,
    programme: Programme,
    company: Company,
    person: Any,
    wait: bool = False,
    actor: Any,
    now: datetime,
) -> SignUp:
    """Give a person of a company a seat; with `wait`, a place on the waiting list where none is left.

    Raises NotAllowed, ProgrammeUnknown, PersonNotMember, SignUpClosed, ProgrammeFull, SignedUpAlready.
    """
    if not rules.may_sign_up(actor, company):
        raise NotAllowed
    if not selectors.programmes_for(actor).filter(pk=programme.pk).exists():
        raise ProgrammeUnknown
    if not Membership.objects.filter(company=company, user=person, user__is_active=True).exists():
        raise PersonNotMember
    # Whether a seat is left, and who is next, are others' rows: a founder may neither read nor write them.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        hold(("programme", programme.pk))
        current = Programme.objects.get(pk=programme.pk)
        begins = selectors.begins_at(current)
        if (
            current.state != ProgrammeState.OPEN
            or not current.opens_at <= now < current.closes_at
            or begins is None
            or begins <= now
        ):
            raise SignUpClosed
        # Whoever waits comes first: a seat that is free is theirs.
        if current.waiting and fill_seats(current, now=now):
            current.refresh_from_db()
        is_free = current.taken < current.seats
        if not is_free and not wait:
            raise ProgrammeFull
        made = SignUp(
            programme=current,
            company=company,
            person=person,
            state=SignUpState.SIGNED if is_free else SignUpState.WAITING,
            signed_by=actor if getattr(actor, "pk", None) else None,
            joined_at=now,
        )
        with refusing(_ONCE):
            made.save()
    return made


@transaction.atomic
def leave(*, sign_up: SignUp, reason: str, actor: Any, now: datetime) -> SignUp:
    """Give a seat or a place on the waiting list back, until the first meeting begins; the office also later. Whoever waits
    longest has the seat at once and is told by mail. Raises NotAllowed, ReasonMissing, NotSignedUp, ProgrammeBegun."""
    if not rules.may_sign_up(actor, sign_up.company):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    # As above: the next on the list is another company's row.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        hold(("programme", sign_up.programme_id))
        current = SignUp.objects.select_related("programme").get(pk=sign_up.pk)
        if current.state not in LIVE_SIGN_UPS:
            raise NotSignedUp
        begins = selectors.begins_at(current.programme)
        if begins is not None and begins <= now and not rules.may_manage(actor):
            raise ProgrammeBegun
        current.state, current.left_at, current.left_reason = SignUpState.LEFT, now, reason
        validate(current, exclude={"programme", "company", "person", "signed_by"})
        current.save(update_fields=["state", "left_at", "left_reason", "updated_at"])
        current.programme.refresh_from_db()
        fill_seats(current.programme, now=now)
    return current


def fill_seats(programme: Programme, *, now: datetime) -> list[SignUp]:
    """Give free seats to those who wait longest and are still of their company, each told by mail once. Ask it only while
    holding the programme, under the staff role. Nobody moves up once the first meeting has begun."""
    begins = selectors.begins_at(programme)
    if programme.state != ProgrammeState.OPEN or begins is None or begins <= now:
        return []
    free = Programme.objects.values_list("seats", "taken").get(pk=programme.pk)
    moved = []
    waiting = (
        SignUp.objects.filter(programme=programme, state=SignUpState.WAITING, person__is_active=True)
        .select_related("person", "company")
        .order_by("joined_at", "pk")
    )
    members = set(
        Membership.objects.filter(user__in=waiting.order_by().values("person")).values_list(
            "user_id", "company_id"
        )
    )
    for each in [one for one in waiting if (one.person_id, one.company_id) in members][: free[0] - free[1]]:
        each.state, each.moved_up_at = SignUpState.SIGNED, now
        with refusing(_ONCE):
            each.save(update_fields=["state", "moved_up_at", "updated_at"])
        tell("moved_up", f"sign_up/{each.pk}/up", [each.person], programme=programme, begins=begins, now=now)
        moved.append(each)
    return moved
