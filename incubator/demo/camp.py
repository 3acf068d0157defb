"""What the makers of the demonstration share: its day, its dice, and who is who."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random

from django.utils import timezone

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import User
from investors.firms.models import Firm
from tenants.companies.models import Company
from tenants.consulting.models import Adviser
from tenants.leases.models import Space

# The size that all other numbers are given for.
FULL_SIZE = 73


@dataclass
class Camp:
    """The camp in the making. `today` is the day everything lies around; the same seed, size and day make the same camp.

    `companies`, `owners`, `firms`, `investors` and `advisers` are in the order of the numbers in their sign-ins.
    `members` are a company's people by its id, the owner first.
    """

    seed: int
    size: int
    today: date
    director: User = field(init=False)
    users: dict[str, User] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    owners: list[User] = field(default_factory=list)
    members: dict[int, list[User]] = field(default_factory=dict)
    advisers: list[Adviser] = field(default_factory=list)
    adviser_by_id: dict[int, Adviser] = field(default_factory=dict)
    firms: list[Firm] = field(default_factory=list)
    investors: list[User] = field(default_factory=list)
    free_spaces: list[Space] = field(default_factory=list)

    def dice(self, part: str) -> Random:
        """Chance of its own for each part, so that a change of one leaves the others as they are."""
        return Random(f"{self.seed}/{self.size}/{part}")  # noqa: S311

    def at(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        """That moment in the camp's time zone."""
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    @property
    def now(self) -> datetime:
        """The first moment of today, whenever today the camp is made."""
        return self.at(self.today, 0)

    def share(self, of: int, *, least: int = 1) -> int:
        """As many as `of` would be in a camp of full size."""
        return max(least, round(of * self.size / FULL_SIZE))

    def role(self, place: int) -> int:
        """The company that plays the part at `place` (1, 2, …). The first company, whose owner everyone looks at, plays none
        while there are others; in a small camp one company plays several."""
        return 1 + (place - 1) % (self.size - 1) if self.size > 1 else 0

    def has_grown(self) -> bool:
        """Whether there are companies enough for everyone to play one part only."""
        return self.size >= 30


def as_owner(user: User, company: Company) -> User:
    user.acting = Acting(Kind.FOUNDER, user.pk, company.pk, "owner", company.name)
    return user


def as_adviser(user: User, adviser: Adviser) -> User:
    user.acting = Acting(Kind.ADVISER, user.pk, adviser.pk, "", adviser.name)
    return user


def as_director(user: User) -> User:
    user.acting = Acting(Kind.STAFF, user.pk, groups=frozenset({StaffGroup.DIRECTOR}))
    return user
