"""Everyone who signs in, and who was invited and has not come yet."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import Invitation, StaffMembership, User
from incubator.accounts.services import prepare_invitation
from investors.firms.enums import FirmMemberLevel
from tenants.companies.enums import MemberLevel
from tenants.companies.models import Company

from .camp import FULL_SIZE, Camp, as_director
from .names import person_name

PASSWORD = "camp-demo"  # noqa: S105
STAFF = {
    "manager": tuple(StaffGroup.values),
    "leases": (StaffGroup.LEASES,),
    "credits": (StaffGroup.CREDITS,),
    "consulting": (StaffGroup.CONSULTING,),
    "matching": (StaffGroup.MATCHING,),
    "auditor": (StaffGroup.AUDITOR,),
}
# Founder in two companies, investor and adviser.
MANY = "many"
ADVISERS = 24
FIRMS = 60


def address(name: str) -> str:
    return f"{name}@camp.example"


def has_second_member(at: int) -> bool:
    """Whether the company at this place (from 0) has a second member."""
    return at % 3 == 1


def make_people(camp: Camp) -> int:
    """All accounts, with one password that is hashed once: hashing it for each would take longer than all the rest."""
    firms, advisers = counts(camp)
    wanted = [*STAFF, MANY]
    wanted += [f"founder{at + 1:02d}" for at in range(camp.size)]
    wanted += [f"member{at + 1:02d}" for at in range(camp.size) if has_second_member(at)]
    wanted += [f"investor{at + 1:02d}" for at in range(firms)]
    wanted += [f"adviser{at + 1:02d}" for at in range(advisers - 1)]
    wanted += [f"reviewer{number:02d}" for number in (1, 2, 3)]
    dice, password = camp.dice("people"), make_password(PASSWORD)
    users = []
    for at, name in enumerate(wanted):
        user = User(email=address(name), name=person_name(dice, at), is_staff=name in STAFF)
        user.language = "en" if user.name.isascii() else "ko"
        user.password = password
        users.append(user)
    User.objects.bulk_create(users)
    camp.users = dict(zip(wanted, users, strict=True))
    memberships = [
        StaffMembership(user=camp.users[name], group=group)
        for name, groups in STAFF.items()
        for group in groups
        if name != "manager" or group != StaffGroup.AUDITOR
    ]
    StaffMembership.objects.bulk_create(memberships)
    camp.director = as_director(camp.users["manager"])
    return len(users)


def counts(camp: Camp) -> tuple[int, int]:
    """How many firms and advisers. The last adviser is the person with many roles, who has no number."""
    largest = 2 * FULL_SIZE
    size = min(camp.size, largest)
    return max(4, round(FIRMS * size / FULL_SIZE)), max(4, round(ADVISERS * size / FULL_SIZE))


def make_invitations(camp: Camp) -> int:
    """People who are asked to join: some just now, some too long ago."""
    dice = camp.dice("invitations")
    made: list[Invitation] = []
    for place, (days_ago, company) in enumerate(zip((2, 5, 19, 40), _cycled(camp.companies), strict=False)):
        made.append(
            _invited(
                camp, f"newcomer{place + 1:02d}", Kind.FOUNDER, company.pk, MemberLevel.MEMBER, days_ago, dice
            )
        )
    for place, (days_ago, firm) in enumerate(zip((3, 25), reversed(camp.firms), strict=False)):
        name = f"partner{place + 1:02d}"
        made.append(_invited(camp, name, Kind.INVESTOR, firm.pk, FirmMemberLevel.MEMBER, days_ago, dice))
    made.append(_invited(camp, "clerk01", Kind.STAFF, None, StaffGroup.LEASES, 1, dice))
    return len(made)


def _cycled(things: Sequence[Company]) -> Iterator[Company]:
    return (things[place % len(things)] for place in range(1, 5))


def _invited(
    camp: Camp, name: str, kind: str, scope_id: int | None, level: str, days_ago: int, dice: Random
) -> Invitation:
    moment = camp.at(camp.today - timedelta(days=days_ago), 11)
    invitation = prepare_invitation(
        email=address(name),
        name=person_name(dice, days_ago),
        kind=kind,
        scope_id=scope_id,
        level=level,
        actor=camp.director,
        now=moment,
    )
    # No mail leaves a demonstration; in the story it did.
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=moment, created_at=moment)
    return invitation
