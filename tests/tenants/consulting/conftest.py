import pytest
from django.test import Client

from incubator.accounts.enums import StaffGroup
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import AdviserFactory, adviser_person


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def founder(company):
    return founder_of(company)


@pytest.fixture
def adviser():
    return AdviserFactory()


@pytest.fixture
def as_founder(founder):
    return sign_in(Client(), founder)


@pytest.fixture
def as_adviser(adviser):
    return sign_in(Client(), adviser_person(adviser))


@pytest.fixture
def as_manager():
    return sign_in(Client(), staff_member(StaffGroup.CONSULTING))
