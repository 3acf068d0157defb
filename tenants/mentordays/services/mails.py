"""Mails about a mentor day: written with what they tell, to everybody whom it concerns, once each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incubator.mailing.services import write_mail
from tenants.companies.models import Membership
from tenants.consulting.models import Adviser
from tenants.mentordays.enums import Side
from tenants.mentordays.models import Arrangement, InvitedAdviser, InvitedCompany, Meeting, MentorDay

TOPIC = "mentor_day"
Party = tuple[str, int]  # side, company or adviser


@dataclass(frozen=True)
class Reader:
    """Somebody who is told: a company's member, or an adviser, with or without an account."""

    party: Party
    user: Any
    name: str
    address: str

    @property
    def key(self) -> str:
        side, party_id = self.party
        return f"{side}-{party_id}-{self.user.pk if self.user else 'mail'}"


def _readers(parties: Sequence[Party]) -> Iterator[Reader]:
    companies = [pk for side, pk in parties if side == Side.COMPANY]
    members = Membership.objects.filter(company__in=companies, user__is_active=True).select_related("user")
    for member in members.order_by("company_id", "user_id"):
        yield Reader((Side.COMPANY, member.company_id), member.user, member.user.name, member.user.email)
    advisers = Adviser.objects.filter(pk__in=[pk for side, pk in parties if side == Side.ADVISER])
    for adviser in advisers.select_related("user").order_by("pk"):
        yield Reader((Side.ADVISER, adviser.pk), adviser.user, adviser.name, adviser.email)


def _everybody(day: MentorDay) -> list[Party]:
    companies = InvitedCompany.objects.filter(day=day).values_list("company_id", flat=True)
    advisers = InvitedAdviser.objects.filter(day=day).values_list("adviser_id", flat=True)
    return [*((Side.COMPANY, pk) for pk in companies), *((Side.ADVISER, pk) for pk in advisers)]


def _write(
    day: MentorDay,
    parties: Sequence[Party],
    *,
    what: str,
    key: str,
    now: datetime,
    lines: Mapping[Party, Sequence[Meeting]] | None = None,
) -> None:
    for reader in _readers(parties):
        write_mail(
            topic=TOPIC,
            key=f"mentorday-{what}-{key}-{reader.key}",
            user=reader.user,
            address=reader.address,
            template=f"mentor_day_{what}",
            context={
                "name": reader.name,
                "day": day,
                "to_adviser": reader.party[0] == Side.ADVISER,
                "meetings": (lines or {}).get(reader.party, ()),
            },
            now=now,
        )


def _by_party(arrangement: Arrangement) -> Mapping[Party, Sequence[Meeting]]:
    found: dict[Party, list[Meeting]] = defaultdict(list)
    meetings = Meeting.objects.filter(arrangement=arrangement).held()
    for each in meetings.select_related("company", "adviser", "slot", "table").order_by("slot__number"):
        found[Side.COMPANY, each.company_id].append(each)
        found[Side.ADVISER, each.adviser_id].append(each)
    return found


def tell_wishes(day: MentorDay, *, now: datetime) -> None:
    """Ask everybody to put the others in order."""
    _write(day, _everybody(day), what="wishes", key=str(day.pk), now=now)


def tell_published(day: MentorDay, arrangement: Arrangement, *, now: datetime) -> None:
    """Everybody's own timetable to everybody, to those without a meeting too."""
    lines = _by_party(arrangement)
    _write(day, _everybody(day), what="published", key=str(arrangement.pk), now=now, lines=lines)


def touched(arrangement: Arrangement) -> list[Party]:
    """Whom a repair moves, takes a meeting from, gives one to, or seats elsewhere."""
    changes = arrangement.changes
    pairs = [pair[:2] for name in ("moved", "dropped", "added", "reseated") for pair in changes[name]]
    companies = {company for company, _adviser in pairs}
    advisers = {adviser for _company, adviser in pairs}
    return [(Side.COMPANY, pk) for pk in sorted(companies)] + [(Side.ADVISER, pk) for pk in sorted(advisers)]


def tell_repaired(day: MentorDay, arrangement: Arrangement, *, now: datetime) -> None:
    """Their timetable as it now is, to those whom the repair touches, and to nobody else."""
    lines = _by_party(arrangement)
    _write(day, touched(arrangement), what="changed", key=str(arrangement.pk), now=now, lines=lines)


def tell_called_off(day: MentorDay, *, now: datetime) -> None:
    _write(day, _everybody(day), what="called_off", key=str(day.pk), now=now)
