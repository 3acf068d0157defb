"""Firms, what they look for, and their people."""

import factory
from factory.django import DjangoModelFactory

from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from incubator.common.enums import Region, Sector, Stage
from investors.firms.enums import FirmKind, FirmMemberLevel
from investors.firms.models import Firm, FirmMember, Holding, Mandate
from investors.firms.services import name_key

from .accounts import UserFactory, acting


class FirmFactory(DjangoModelFactory):
    """An active venture capital firm that has not said what it looks for."""

    class Meta:
        model = Firm

    name = factory.Sequence(lambda n: f"광주벤처투자 {n}")
    slug = factory.Sequence(lambda n: f"firm-{n}")
    kind = FirmKind.VC
    contact_name = factory.Sequence(lambda n: f"심사역 {n}")
    email = factory.Sequence(lambda n: f"contact{n}@firm.example")


class MandateFactory(DjangoModelFactory):
    """Fits a company of CompanyFactory in every component; takes five introductions."""

    class Meta:
        model = Mandate

    firm = factory.SubFactory(FirmFactory)
    sectors = factory.LazyFunction(lambda: [Sector.HEALTHCARE, Sector.ROBOTICS])
    stages = factory.LazyFunction(lambda: [Stage.SEED, Stage.PRE_A])
    regions = factory.LazyFunction(lambda: [Region.NATIONWIDE])
    ticket_min_krw = 100_000_000
    ticket_max_krw = 1_000_000_000
    max_company_age_years = 7
    capacity = 5


class HoldingFactory(DjangoModelFactory):
    class Meta:
        model = Holding

    firm = factory.SubFactory(FirmFactory)
    company_name = factory.Sequence(lambda n: f"보유기업 {n}")
    name_key = factory.LazyAttribute(lambda holding: name_key(holding.company_name))


class FirmMemberFactory(DjangoModelFactory):
    class Meta:
        model = FirmMember

    firm = factory.SubFactory(FirmFactory)
    user = factory.SubFactory(UserFactory)
    level = FirmMemberLevel.MEMBER


def investor_of(firm: Firm, **values: object) -> User:
    """A new member of the firm, acting as its investor."""
    member = FirmMemberFactory(firm=firm, user=UserFactory(**values))
    return acting(member.user, Kind.INVESTOR, firm.pk, member.level, label=firm.name)
