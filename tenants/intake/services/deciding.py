"""Accept, put on the waiting list, reject; and take an acceptance back while nothing is signed."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed, refusing
from incubator.common.sheets.numbers import is_business_number
from tenants.companies.errors import WrongBusinessNumber
from tenants.companies.models import Company
from tenants.intake.enums import DECIDABLE_STATES, ApplicationState, CallState, LetterKind
from tenants.intake.errors import (
    BusinessNumberNeeded,
    NoPlaceLeft,
    NotAccepted,
    ReasonMissing,
    WrongCallState,
)
from tenants.intake.models import Acceptance, Applicant, Application, Call, TeamMember
from tenants.intake.rules import is_applicant_of, may_manage_intake
from tenants.leases.models import Space
from tenants.leases.services import draft_lease, offer_lease
from tenants.lifecycle.admissions import invite_members, newest_member, readmit_company, take_back_admission
from tenants.lifecycle.services import admit_company

from .letters import next_turn, write_letter
from .steps import demand, locked, step

DECIDING = (CallState.SCREENING, CallState.REVIEW, CallState.DECIDED)


def _in_hand(application: Application, actor: Any) -> Application:
    """The call first and then the application: who decides waits here for whoever else does.

    Raises NotAllowed, WrongCallState.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    call = Call.objects.select_for_update(no_key=True).get(pk=application.call_id)
    if call.state not in DECIDING:
        raise WrongCallState(state=call.get_state_display())
    return locked(application)


@transaction.atomic
def accept_application(
    *,
    application: Application,
    space: Space,
    first_day: date,
    last_day: date,
    legal_basis: str,
    comparator: str = "",
    business_number: str = "",
    note: str = "",
    base_url: str,
    actor: Any,
    now: datetime,
) -> Acceptance:
    """Accept: company, stay (admitted), invitations of owner and team and an offered lease, all of it or nothing.

    Asked again (a double click), it gives the acceptance that is there. `business_number` is for who applied without one.
    Raises NotAllowed, WrongCallState, WrongState, NoPlaceLeft, BusinessNumberNeeded, CompanyLivesHere, and what
    `admit_company`, `draft_lease` and `offer_lease` raise (SpaceTaken, TermTooLong, ...).
    """
    held = _in_hand(application, actor)
    if held.state == ApplicationState.ACCEPTED:
        return Acceptance.objects.get(application=held, undone_at=None)
    demand(held, DECIDABLE_STATES)
    with refusing({"intake_places": NoPlaceLeft}):
        step(
            held,
            ApplicationState.ACCEPTED,
            actor=actor,
            now=now,
            note=note,
            reason=note.strip(),
            decided_at=now,
            waiting_order=None,
            place_free_at=None,
        )
    before = newest_member()
    company, is_new = _admit(held, business_number, first_day, base_url, actor, now)
    lease = offer_lease(
        lease=draft_lease(
            company=company,
            space=space,
            first_day=first_day,
            last_day=last_day,
            legal_basis=legal_basis,
            comparator=comparator,
            actor=actor,
            now=now,
        ),
        actor=actor,
        now=now,
    )
    acceptance = Acceptance(
        application=held,
        company=company,
        company_is_new=is_new,
        residency=company.residencies.latest("pk"),
        lease=lease,
        newest_member=before,
        made_at=now,
        made_by_id=getattr(actor, "pk", None),
    )
    acceptance.save()
    kind = LetterKind.ACCEPTED
    write_letter(application=held, kind=kind, now=now, note=note, lease=lease, turn=next_turn(held, kind))
    return acceptance


def _admit(
    held: Application, business_number: str, first_day: date, base_url: str, actor: Any, now: datetime
) -> tuple[Company, bool]:
    """The company of the application, and whether it is new to the register."""
    who = Applicant.objects.get(application=held)
    number = who.business_number or "".join(business_number.split()).replace("-", "")
    if not number:
        raise BusinessNumberNeeded
    if not is_business_number(number):
        raise WrongBusinessNumber
    profile: dict[str, Any] = {
        "name": who.name,
        "name_en": who.name_en,
        "representative": who.representative,
        "email": who.contact_email,
        "founded_on": held.founded_on,
        "sectors": held.sectors,
        "stage": held.stage,
        "region": held.region,
        "summary": held.summary,
    }
    common: dict[str, Any] = {"first_day": first_day, "base_url": base_url, "actor": actor, "now": now}
    known = Company.objects.filter(business_number=number).first()
    if known is None:
        company = admit_company(business_number=number, **common, **profile)
    else:
        company = readmit_company(company=known, **common, **profile)
    team = list(TeamMember.objects.filter(application=held).values_list("name", "email"))
    invite_members(company=company, people=team, base_url=base_url, actor=actor, now=now)
    return company, known is None


@transaction.atomic
def put_on_waiting_list(
    *, application: Application, note: str = "", actor: Any, now: datetime
) -> Application:
    """Next in order on the waiting list, and the applicant is told. Raises NotAllowed, WrongCallState, WrongState."""
    held = _in_hand(application, actor)
    if held.state == ApplicationState.WAITING:
        return held
    demand(held, (ApplicationState.ELIGIBLE,))
    last = Application.objects.filter(call=held.call).aggregate(last=Max("waiting_order"))["last"] or 0
    values = {"waiting_order": last + 1, "decided_at": now, "reason": note.strip()}
    step(held, ApplicationState.WAITING, actor=actor, now=now, note=note, **values)
    kind, place = LetterKind.WAITING, position(held)
    write_letter(application=held, kind=kind, now=now, note=note, place=place, turn=next_turn(held, kind))
    return held


def position(application: Application) -> int:
    """How many wait before it, and itself."""
    order = application.waiting_order or 0
    waiting = Application.objects.filter(call=application.call, state=ApplicationState.WAITING)
    return waiting.filter(waiting_order__lte=order).count()


@transaction.atomic
def reject_application(*, application: Application, reason: str, actor: Any, now: datetime) -> Application:
    """Not selected; the applicant is written the reason. Raises NotAllowed, WrongCallState, WrongState, ReasonMissing."""
    held = _in_hand(application, actor)
    if held.state == ApplicationState.REJECTED:
        return held
    demand(held, DECIDABLE_STATES)
    if not reason.strip():
        raise ReasonMissing
    values = {"reason": reason.strip(), "decided_at": now, "waiting_order": None, "place_free_at": None}
    step(held, ApplicationState.REJECTED, actor=actor, now=now, note=reason, **values)
    kind = LetterKind.REJECTED
    write_letter(application=held, kind=kind, now=now, note=reason, turn=next_turn(held, kind))
    return held


@transaction.atomic
def undo_acceptance(
    *, application: Application, reason: str, declined: bool = False, actor: Any, now: datetime
) -> Application:
    """Take back all that an acceptance made, while the contract is not signed.

    What is deleted and what is kept as history: `take_back_admission`. The acceptance itself stays on record, with who took it
    back and why. The application is eligible again, or with `declined` done with; the applicant is told, and whoever waits
    first learns that a place is free. Raises NotAllowed, NotAccepted, ReasonMissing, ContractSigned.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    return _undo(application, reason, declined, actor, now)


def decline_place(*, application: Application, reason: str = "", actor: Any, now: datetime) -> Application:
    """The applicant does not want the place any more. Raises NotAllowed, NotAccepted, ContractSigned."""
    if not is_applicant_of(actor, application):
        raise NotAllowed
    # An applicant's role reaches its application; the company, its people and its lease are beyond it.
    with acting_as_system():
        said = reason.strip() or _("The applicant declined the place.")
        return _undo(application, said, True, None, now)


@transaction.atomic
def _undo(application: Application, reason: str, declined: bool, actor: Any, now: datetime) -> Application:
    if not reason.strip():
        raise ReasonMissing
    call = Call.objects.select_for_update(no_key=True).get(pk=application.call_id)
    held = locked(application)
    if held.state != ApplicationState.ACCEPTED:
        raise NotAccepted
    acceptance = Acceptance.objects.select_related("company", "lease", "residency").get(
        application=held, undone_at=None
    )
    take_back_admission(
        company=acceptance.company,
        residency=acceptance.residency,
        lease=acceptance.lease,
        newest_member=acceptance.newest_member,
        reason=reason.strip(),
        actor=actor,
        now=now,
    )
    acceptance.refresh_from_db(fields=["residency"])
    acceptance.undone_at, acceptance.undone_because = now, reason.strip()[:1000]
    acceptance.undone_by_id = getattr(actor, "pk", None)
    acceptance.save()
    state = ApplicationState.DECLINED if declined else ApplicationState.ELIGIBLE
    step(held, state, actor=actor, now=now, note=reason, reason=reason.strip())
    kind = LetterKind.TAKEN_BACK
    write_letter(
        application=held, kind=kind, now=now, note=reason, declined=declined, turn=next_turn(held, kind)
    )
    if declined:
        _move_up(call, now)
    return held


def _move_up(call: Call, now: datetime) -> None:
    """Tell the first of the waiting list that a place is free; a manager then accepts it with a space."""
    waiting = Application.objects.filter(call=call, state=ApplicationState.WAITING).select_related("call")
    first = waiting.filter(place_free_at=None).order_by("waiting_order").first()
    if first is None:
        return
    first.place_free_at = now
    first.save(update_fields=["place_free_at", "updated_at"])
    kind = LetterKind.PLACE_FREE
    write_letter(application=first, kind=kind, now=now, turn=next_turn(first, kind))
