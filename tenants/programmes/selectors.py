"""What of programmes a person may see. Every list starts at one of the `*_for`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .enums import Presence, ProgrammeState, SignUpState
from .models import (
    Attendance,
    Certificate,
    Material,
    Meeting,
    Programme,
    ProgrammeQuerySet,
    SignUp,
)


def programmes_for(user: Any) -> ProgrammeQuerySet:
    """Staff: all. Founders: all but drafts. An adviser: those they teach."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Programme.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Programme.objects.exclude(state=ProgrammeState.DRAFT)
    if acting.adviser_id is not None:
        return Programme.objects.filter(adviser_id=acting.adviser_id)
    return Programme.objects.none()


def meetings_for(user: Any) -> QuerySet[Meeting]:
    """The meetings of the programmes that the person sees."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Meeting.objects.all()
    return Meeting.objects.filter(programme__in=programmes_for(user).order_by())


def sign_ups_for(user: Any) -> QuerySet[SignUp]:
    """Staff: all. Founders: their company's. An adviser: those of the programmes they teach."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return SignUp.objects.all()
    if acting.kind == Kind.FOUNDER:
        return SignUp.objects.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return SignUp.objects.filter(programme__adviser_id=acting.adviser_id)
    return SignUp.objects.none()


def attendances_for(user: Any) -> QuerySet[Attendance]:
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Attendance.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Attendance.objects.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return Attendance.objects.filter(programme__adviser_id=acting.adviser_id)
    return Attendance.objects.none()


def materials_for(user: Any) -> QuerySet[Material]:
    """What is handed out. Staff and who teaches: all of it. Founders: of programmes in which their company has a seat."""
    acting = acting_of(user)
    found = Material.objects.filter(removed_at=None)
    if acting.kind == Kind.STAFF:
        return found
    if acting.kind == Kind.FOUNDER:
        seated = SignUp.objects.filter(company_id__in=acting.company_ids, state=SignUpState.SIGNED)
        return found.filter(programme__in=seated.values("programme"))
    if acting.adviser_id is not None:
        return found.filter(programme__adviser_id=acting.adviser_id)
    return Material.objects.none()


def certificates_for(user: Any) -> QuerySet[Certificate]:
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Certificate.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Certificate.objects.filter(company_id__in=acting.company_ids)
    return Certificate.objects.none()


def begins_at(programme: Programme) -> datetime | None:
    """When the first meeting that is not called off begins; None without one."""
    found = Meeting.objects.filter(programme=programme, is_off=False).aggregate(at=Min("period__startswith"))
    begins: datetime | None = found["at"]
    return begins


@dataclass(frozen=True)
class Share:
    """How much of a programme a person attended. An excused meeting counts neither way, one without a record as absent."""

    attended: int
    excused: int
    meetings: int

    @property
    def counted(self) -> int:
        return self.meetings - self.excused

    @property
    def per_cent(self) -> int:
        """Whole per cent, less than one left out."""
        return 100 * self.attended // self.counted if self.counted else 0

    def suffices(self, needed: int) -> bool:
        """Whether it is the share that the certificate needs, to the exact fraction."""
        return self.counted > 0 and 100 * self.attended >= needed * self.counted


def share_of(presences: Iterable[str], meetings: int) -> Share:
    """Out of what was recorded at the meetings that were not called off, of which there were so many."""
    found = Counter(presences)
    return Share(found[Presence.PRESENT] + found[Presence.LATE], found[Presence.EXCUSED], meetings)


def shares(sign_ups: Iterable[SignUp], user: Any) -> dict[int, Share]:
    """By sign-up, in two statements."""
    wanted = list(sign_ups)
    counts = Counter(
        meetings_for(user)
        .filter(programme__in={each.programme_id for each in wanted}, is_off=False)
        .order_by()
        .values_list("programme_id", flat=True)
    )
    presences: dict[int, list[str]] = {each.pk: [] for each in wanted}
    rows = attendances_for(user).filter(sign_up__in=presences, meeting__is_off=False)
    for pk, presence in rows.order_by().values_list("sign_up_id", "presence"):
        presences[pk].append(presence)
    return {each.pk: share_of(presences[each.pk], counts[each.programme_id]) for each in wanted}
