"""Firms: who may change what, and what the database refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incubator.common.errors import Invalid, NotAllowed
from investors.firms import selectors, services
from investors.firms.errors import FirmExists, HoldingExists, HoldingNameMissing, TicketOutOfOrder
from investors.firms.models import Firm, FirmMember, Holding, Mandate
from tests.factories.accounts import UserFactory, acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.firms import (
    FirmFactory,
    FirmMemberFactory,
    HoldingFactory,
    MandateFactory,
    investor_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def refused(name: str, write: Any) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    assert error.value.__cause__.diag.constraint_name == name


def test_constraints() -> None:
    firm = FirmFactory()
    mandate = MandateFactory(firm=firm)
    HoldingFactory(firm=firm, company_name="수완시큐어")
    refused("firms_kind_known", lambda: FirmFactory(kind="bank"))
    refused("firms_ticket_in_order", lambda: Mandate.objects.filter(pk=mandate.pk).update(ticket_min_krw=-1))
    refused("firms_ticket_in_order", lambda: Mandate.objects.filter(pk=mandate.pk).update(ticket_max_krw=1))
    refused("firms_sectors_known", lambda: Mandate.objects.filter(pk=mandate.pk).update(sectors=["alchemy"]))
    refused("firms_stages_known", lambda: Mandate.objects.filter(pk=mandate.pk).update(stages=["ipo"]))
    refused("firms_regions_known", lambda: Mandate.objects.filter(pk=mandate.pk).update(regions=["moon"]))
    refused("firms_holding_once", lambda: HoldingFactory(firm=firm, company_name="수완 시큐어"))
    refused("firms_holding_named", lambda: HoldingFactory(firm=firm, name_key=""))
    refused("firms_holding_sectors_known", lambda: HoldingFactory(firm=firm, sectors=["alchemy"]))
    member = FirmMemberFactory(firm=firm)
    refused("firms_member_once", lambda: FirmMemberFactory(firm=firm, user=member.user))
    refused("firms_member_level_known", lambda: FirmMemberFactory(firm=firm, level="king"))


def test_names_are_compared_in_one_form_and_with_their_legal_form() -> None:
    assert services.name_key("수완 시큐어") == services.name_key("수완시큐어")
    assert services.name_key("㈜가온") == services.name_key("(주)가온")
    assert services.name_key("수완시큐어") != services.name_key("수완시큐어 주식회사")


def test_errors_of_services(manager: Any) -> None:
    firm = services.create_firm(name="가온벤처스", kind="vc", email="A@b.example", actor=manager)
    assert (firm.slug, firm.email) == ("firm", "a@b.example")
    with pytest.raises(FirmExists):
        services.create_firm(name="가온벤처스", kind="vc", email="a@b.example", actor=manager)
    with pytest.raises(Invalid) as wrong:
        services.create_firm(name="나래", kind="vc", email="nowhere", actor=manager)
    assert wrong.value.field == "email"
    terms = {"sectors": ["energy"], "stages": ["seed"], "regions": ["other"], "capacity": 3}
    with pytest.raises(TicketOutOfOrder):
        services.set_mandate(firm=firm, ticket_min_krw=5, ticket_max_krw=4, actor=manager, **terms)
    holding = services.keep_holding(holding=Holding(firm=firm), company_name="다온", actor=manager)
    with pytest.raises(HoldingExists):
        services.keep_holding(holding=Holding(firm=firm), company_name=" 다 온 ", actor=manager)
    with pytest.raises(HoldingNameMissing):
        services.keep_holding(holding=Holding(firm=firm), company_name="  ", actor=manager)
    services.remove_holding(holding=holding, actor=manager)
    assert Holding.objects.count() == 0


def test_only_managers_of_matching_write() -> None:
    firm = FirmFactory()
    member = FirmMemberFactory(firm=firm)
    actors = [
        acting_staff("leases"),
        acting_staff("auditor"),
        founder_of(CompanyFactory()),
        investor_of(firm),
        UserFactory(),
    ]
    writes = [
        lambda actor: services.create_firm(name="가", kind="vc", email="a@b.example", actor=actor),
        lambda actor: services.change_firm(firm=firm, active=False, actor=actor),
        lambda actor: services.set_mandate(firm=firm, capacity=1, actor=actor),
        lambda actor: services.set_holdings(firm=firm, names=["가"], actor=actor),
        lambda actor: services.remove_firm_member(member=member, actor=actor),
    ]
    for actor in actors:
        for write in writes:
            with pytest.raises(NotAllowed):
                write(actor)
    assert FirmMember.objects.filter(pk=member.pk).exists()


def test_who_sees_which_firms() -> None:
    own, other = FirmFactory(), FirmFactory()
    assert set(selectors.firms_for(acting_staff("leases"))) == {own, other}
    assert list(selectors.firms_for(investor_of(own))) == [own]
    assert list(selectors.firms_for(founder_of(CompanyFactory()))) == []
    assert Firm.objects.count() == 2


def test_a_removed_member_reads_no_more(client: Any, manager: Any) -> None:
    firm = FirmFactory()
    person = investor_of(firm)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/invest/").status_code == 200
    services.remove_firm_member(member=FirmMember.objects.get(user=person), actor=manager)
    assert client.get("/invest/").status_code == 404
