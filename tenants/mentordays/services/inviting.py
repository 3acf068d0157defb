from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from incubator.common.errors import refusing, validate
from tenants.companies.models import Company
from tenants.consulting.models import Adviser, MeetingRoom
from tenants.mentordays.enums import DayState
from tenants.mentordays.errors import (
    InvitedAlready,
    MeetsAlready,
    MinimumOverMaximum,
    TableNameTaken,
    UnknownSlot,
)
from tenants.mentordays.models import InvitedAdviser, InvitedCompany, Meeting, MentorDay, Table, Wish

from .parts import managed

OPEN = (DayState.DRAFT, DayState.RANKING, DayState.ARRANGED)


def _numbers(day: MentorDay, slots: Iterable[int]) -> list[int]:
    wanted = sorted(set(slots))
    for number in wanted:
        if not 1 <= number <= day.slot_count:
            raise UnknownSlot(slot=number)
    return wanted


@transaction.atomic
def invite_advisers(
    *, day: MentorDay, advisers: Collection[Adviser], actor: Any, now: datetime
) -> list[InvitedAdviser]:
    """Raises NotAllowed, WrongState, InvitedAlready."""
    current = managed(day.pk, actor, *OPEN)
    rows = [InvitedAdviser(day=current, adviser=adviser) for adviser in advisers]
    with refusing({"mentordays_adviser_once": InvitedAlready}):
        return InvitedAdviser.objects.bulk_create(rows)


@transaction.atomic
def invite_companies(
    *, day: MentorDay, companies: Collection[Company], actor: Any, now: datetime
) -> list[InvitedCompany]:
    """Raises NotAllowed, WrongState, InvitedAlready."""
    current = managed(day.pk, actor, *OPEN)
    rows = [InvitedCompany(day=current, company=company) for company in companies]
    with refusing({"mentordays_company_once": InvitedAlready}):
        return InvitedCompany.objects.bulk_create(rows)


@transaction.atomic
def change_adviser(
    *, invited: InvitedAdviser, maximum: int | None, absent: Sequence[int], actor: Any, now: datetime
) -> InvitedAdviser:
    """Raises NotAllowed, WrongState, UnknownSlot, Invalid."""
    day = managed(invited.day_id, actor, *OPEN)
    invited.maximum, invited.absent = maximum, _numbers(day, absent)
    validate(invited, exclude={"day", "adviser"})
    invited.save()
    return invited


@transaction.atomic
def change_company(
    *,
    invited: InvitedCompany,
    minimum: int = 0,
    maximum: int | None,
    absent: Sequence[int],
    actor: Any,
    now: datetime,
) -> InvitedCompany:
    """Raises NotAllowed, WrongState, UnknownSlot, MinimumOverMaximum, Invalid."""
    day = managed(invited.day_id, actor, *OPEN)
    if minimum > (day.slot_count if maximum is None else maximum):
        raise MinimumOverMaximum
    invited.minimum, invited.maximum, invited.absent = minimum, maximum, _numbers(day, absent)
    validate(invited, exclude={"day", "company"})
    invited.save()
    return invited


@transaction.atomic
def add_table(
    *, day: MentorDay, name: str, room: MeetingRoom | None = None, actor: Any, now: datetime
) -> Table:
    """Raises NotAllowed, WrongState, TableNameTaken, Invalid."""
    current = managed(day.pk, actor, *OPEN)
    table = Table(day=current, name=name.strip() or (room.name if room else ""), room=room)
    validate(table, exclude={"day", "room"})
    with refusing(
        {"mentordays_table_once": TableNameTaken, "mentordays_room_once": TableNameTaken(field="room")}
    ):
        table.save()
    return table


@transaction.atomic
def change_table(*, table: Table, closed: Sequence[int], actor: Any, now: datetime) -> Table:
    """Raises NotAllowed, WrongState, UnknownSlot."""
    day = managed(table.day_id, actor, *OPEN)
    table.closed = _numbers(day, closed)
    table.save()
    return table


@transaction.atomic
def take_out(*, part: InvitedAdviser | InvitedCompany | Table, actor: Any, now: datetime) -> None:
    """Invite no longer, and forget the wishes about it. Raises NotAllowed, WrongState, MeetsAlready."""
    managed(part.day_id, actor, *OPEN)
    about: dict[str, Any]
    if isinstance(part, Table):
        about = {"table": part.pk}
    elif isinstance(part, InvitedAdviser):
        about = {"adviser": part.adviser_id}
    else:
        about = {"company": part.company_id}
    if Meeting.objects.filter(day=part.day_id, **about).exists():
        raise MeetsAlready
    if not isinstance(part, Table):
        Wish.objects.filter(day=part.day_id, **about).delete()
    model: type[models.Model] = type(part)
    model._default_manager.filter(pk=part.pk).delete()
