"""Everyone who may knock: the columns of the permission matrix."""

from dataclasses import dataclass

from django.test import Client

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import User
from investors.firms.models import FirmMember
from tests.factories.accounts import UserFactory, sign_in, staff_member
from tests.factories.companies import MembershipFactory

from .world import World

STAFF = tuple(StaffGroup.values)
FOUNDERS = ("outsider", "member", "owner")
INVESTORS = ("rival", "investor")
ADVISERS = ("other_adviser", "adviser")
REVIEWERS = ("other_reviewer", "reviewer")
PERSONAS = ("anonymous", *FOUNDERS, *STAFF, *INVESTORS, *ADVISERS, *REVIEWERS)


@dataclass(frozen=True)
class People:
    """`owner` and `member` belong to the company that the objects belong to, `outsider` to another one; `investor` to the
    firm of its matches, `rival` to another one; `adviser` has its sessions, `other_adviser` none; `reviewer` reviews its
    application, `other_reviewer` another one."""

    users: dict[str, User | None]

    def client(self, persona: str) -> Client:
        user = self.users[persona]
        client = Client(headers={"accept-language": "ko"}, raise_request_exception=False)
        return client if user is None else sign_in(client, user)


def make_people(world: World) -> People:
    """Everyone, around the marked side of the world."""
    mine, theirs = world.mine, world.theirs
    users: dict[str, User | None] = {"anonymous": None}
    for persona, level, of in (
        ("outsider", "owner", theirs.company),
        ("member", "member", mine.company),
        ("owner", "owner", mine.company),
    ):
        users[persona] = UserFactory(name=persona)
        MembershipFactory(user=users[persona], company=of, level=level)
    for group in STAFF:
        users[group] = staff_member(group, name=group)
    for persona, of in (("rival", theirs.firm), ("investor", mine.firm)):
        users[persona] = UserFactory(name=persona)
        FirmMember.objects.create(user=users[persona], firm=of)
    for persona, of in (("other_adviser", theirs.adviser), ("adviser", mine.adviser)):
        users[persona] = UserFactory(name=persona)
        of.user = users[persona]
        of.save()
    for persona, of in (("other_reviewer", theirs), ("reviewer", mine)):
        users[persona] = UserFactory(name=persona)
        row = of.things["reviewer"]
        row.user = users[persona]
        row.save()
    return People(users)
