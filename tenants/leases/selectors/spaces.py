"""Reads of what spaces are like: photographs, blocked days, conditions, and which of them nobody has."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.dbroles import acting_as_system
from tenants.leases.models import BlockedPeriod, ConditionRecord, Space, SpaceClaim, SpacePhoto


def photos_for(user: Any) -> QuerySet[SpacePhoto]:
    """Of all spaces, for staff and founders, in their order."""
    photos = SpacePhoto.objects.select_related("space__building")
    return photos if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER) else photos.none()


def blocked_for(user: Any) -> QuerySet[BlockedPeriod]:
    """Staff and founders may know why a space is not to be had."""
    blocked = BlockedPeriod.objects.select_related("space__building")
    return blocked if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER) else blocked.none()


def conditions_for(user: Any) -> QuerySet[ConditionRecord]:
    records = ConditionRecord.objects.select_related("actor", "space__building")
    return records if acting_of(user).kind == Kind.STAFF else records.none()


def taken_on(day: date) -> set[int]:
    """The ids of the spaces that a lease (from its offer on) or a blocked period holds on this day, in one query.

    Whose they are is not told, so everyone who may know of spaces may ask; who is walled off from claims asks through here.
    """
    with acting_as_system():
        return set(SpaceClaim.objects.filter(period__contains=day).values_list("space_id", flat=True))


def vacant_on(spaces: QuerySet[Space], day: date) -> QuerySet[Space]:
    """Those of `spaces` that are let and that nobody holds on this day."""
    return spaces.filter(active=True).exclude(pk__in=taken_on(day))
