"""Admission, moving in, graduation, leaving early, and the lease that stands in the way."""

from datetime import UTC, date, datetime

import pytest

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from tenants.companies.errors import BusinessNumberTaken, ResidencyTooShort
from tenants.companies.models import Company
from tenants.lifecycle import errors, services
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, ResidencyFactory, business_number, founder_of
from tests.factories.leases import LeaseFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def by(actor=None):
    return {"actor": actor, "now": NOW}


def admit(**values):
    given = {
        "name": "무등 클라우드",
        "business_number": business_number(90_001),
        "representative": "김도윤",
        "email": "office@mudeung.example",
        "first_day": date(2026, 12, 1),
        "base_url": "https://camp.example/",
        **by(),
        **values,
    }
    return services.admit_company(**given)


def stay_of(company):
    return company.residencies.get()


def test_a_company_is_admitted_and_its_owner_invited(mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        company = admit(actor=acting_staff(StaffGroup.LEASES))
    assert (stay_of(company).state, stay_of(company).period.lower) == ("admitted", date(2026, 12, 1))
    assert [message.to for message in mailoutbox] == [["office@mudeung.example"]]


def test_a_refused_admission_leaves_nothing(mailoutbox, django_capture_on_commit_callbacks):
    CompanyFactory(business_number=business_number(90_001))
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(BusinessNumberTaken):
        admit()
    assert (Company.objects.count(), mailoutbox) == (1, [])


def test_from_admitted_to_resident_to_graduated():
    stay = stay_of(admit(first_day=date(2026, 3, 1)))
    stay = services.begin_residency(residency=stay, first_day=date(2026, 3, 15), **by())
    assert (stay.state, stay.period.lower) == ("resident", date(2026, 3, 15))
    with pytest.raises(errors.NotAdmitted):
        services.begin_residency(residency=stay, first_day=TODAY, **by())

    services.graduate_company(residency=stay, last_day=TODAY, **by())
    stay.refresh_from_db()
    assert (stay.state, stay.period.upper) == ("graduated", date(2026, 11, 23))
    with pytest.raises(errors.NotInResidence):
        services.graduate_company(residency=stay, last_day=TODAY, **by())
    with pytest.raises(errors.NotInResidence):
        services.leave_early(residency=stay, last_day=TODAY, reason="x", **by())


def test_an_admitted_company_cannot_graduate_and_may_stay_away():
    stay = ResidencyFactory(state="admitted")
    with pytest.raises(errors.NotInResidence):
        services.graduate_company(residency=stay, last_day=TODAY, **by())
    with pytest.raises(errors.ReasonMissing):
        services.leave_early(residency=stay, last_day=TODAY, reason=" ", **by())
    left = services.leave_early(residency=stay, last_day=TODAY, reason="서울로 이전", **by())
    assert (left.state, left.reason) == ("left_early", "서울로 이전")


def test_days_that_cannot_be():
    stay = ResidencyFactory()
    with pytest.raises(errors.LastDayAhead):
        services.graduate_company(residency=stay, last_day=date(2026, 11, 23), **by())
    with pytest.raises(ResidencyTooShort):
        services.graduate_company(residency=stay, last_day=date(2025, 12, 31), **by())


@pytest.mark.parametrize(
    ("state", "until", "refused"),
    [
        ("active", date(2026, 11, 24), True),
        ("signed", date(2026, 11, 24), True),
        ("offered", date(2027, 5, 1), True),
        ("active", date(2026, 11, 23), False),
        ("draft", date(2027, 5, 1), False),
        ("ended", date(2027, 5, 1), False),
        ("terminated", date(2027, 5, 1), False),
    ],
)
def test_a_lease_that_runs_on_keeps_the_company(state, until, refused):
    stay = ResidencyFactory()
    LeaseFactory(company=stay.company, state=state, period=(date(2026, 1, 1), until))
    LeaseFactory(state="active", period=(date(2026, 1, 1), date(2027, 5, 1)))  # another company's
    if refused:
        with pytest.raises(errors.LeaseOutlivesResidency):
            services.graduate_company(residency=stay, last_day=TODAY, **by())
        return
    services.graduate_company(residency=stay, last_day=TODAY, **by())
    stay.refresh_from_db()
    assert stay.state == "graduated"


def test_only_managers_of_leases_decide():
    stay = ResidencyFactory()
    for actor in (
        founder_of(stay.company),
        acting_staff(StaffGroup.CREDITS),
        acting_staff(StaffGroup.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            services.graduate_company(residency=stay, last_day=TODAY, **by(actor))
        with pytest.raises(NotAllowed):
            services.begin_residency(residency=stay, first_day=TODAY, **by(actor))
        with pytest.raises(NotAllowed):
            admit(actor=actor)
