"""A stay completed in one step: handovers, credits, read-only people, alumni record, certificate; or nothing of it."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.utils import timezone

from incubator.accounts.acting import roles_of
from incubator.accounts.enums import ALUMNI, StaffGroup
from incubator.accounts.models import User
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.companies.errors import ContactMissing
from tenants.companies.models import AlumniRecord, Company, Residency
from tenants.companies.services import record_alumni
from tenants.compute.errors import CreditsHeld
from tenants.compute.models import Allocation, CreditAccount, Transfer
from tenants.compute.services import place_hold
from tenants.lifecycle import errors, services
from tenants.papers.models import Paper
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory, founder_of
from tests.factories.compute import grant
from tests.factories.handovers import begun, tick_all
from tests.factories.leases import LeaseFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
PFH = 3_600_000_000


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def stay(now: datetime) -> Residency:
    """A company whose lease ends today, with 100 PF·h that it has not used."""
    today = timezone.localdate(now)
    company = CompanyFactory()
    MembershipFactory(company=company)
    LeaseFactory(company=company, period=days(today - timedelta(days=100), today))
    grant(company=company, amount_gflop=100 * PFH, now=now)
    residency: Residency = ResidencyFactory(company=company)
    return residency


def complete(stay: Residency, now: datetime, **more: object) -> services.Completed:
    values = {
        "last_day": timezone.localdate(now),
        "actor": acting_staff(StaffGroup.LEASES),
        "now": now,
        **more,
    }
    return services.complete_handover(residency=stay, **values)  # type: ignore[arg-type]


def test_all_of_it_in_one_step(stay: Residency, now: datetime) -> None:
    company, today = stay.company, timezone.localdate(now)
    handover = begun(company.leases.get(), now)
    tick_all(handover, now)
    lot = Allocation.objects.get(company=company)
    done = complete(
        stay,
        now,
        outcome="acquired",
        note="다른 기업이 샀음",
        contact_consent=True,
        contact_name="김대표",
        contact_email="Later@Company.example",
        language="en",
    )
    assert done.residency.state == "graduated"
    assert [each.state for each in done.handovers] == ["closed"]
    assert done.returned_gflop == 100 * PFH
    lot.refresh_from_db()
    assert (lot.state, lot.account.balance_gflop) == ("closed", 0)
    assert sum(CreditAccount.objects.values_list("balance_gflop", flat=True)) == 0
    record = AlumniRecord.objects.get()
    assert (record.left_on, record.outcome, record.contact_email) == (
        today,
        "acquired",
        "later@company.example",
    )
    assert (record.contact_consent, record.consent_at) == (True, now)
    assert (done.certificate.kind, done.certificate.language) == ("graduation", "en")


def _nothing_happened(company: Company) -> bool:
    return (
        company.residencies.get().state == "resident"
        and not AlumniRecord.objects.exists()
        and not Paper.objects.exists()
        and not Transfer.objects.filter(kind="claw_back").exists()
    )


def test_refused_it_leaves_nothing_behind(stay: Residency, now: datetime) -> None:
    company = stay.company
    with pytest.raises(errors.LastDayAhead):
        complete(stay, now, last_day=timezone.localdate(now) + timedelta(days=1))
    with pytest.raises(errors.LeaseOutlivesResidency):
        complete(stay, now, last_day=timezone.localdate(now) - timedelta(days=1))
    handover = begun(company.leases.get(), now)
    with pytest.raises(errors.HandoverRefused) as refused:
        complete(stay, now)
    assert handover.items.filter(required=True).first().shown in str(refused.value)
    assert company.leases.get().space.place in str(refused.value)
    with pytest.raises(errors.HandoversOpen):
        services.graduate_company(residency=stay, last_day=timezone.localdate(now), actor=None, now=now)
    tick_all(handover, now)
    hold = place_hold(
        allocation=Allocation.objects.get(),
        amount_gflop=PFH,
        until=now + timedelta(days=1),
        reason="돌고 있는 작업",
        actor=None,
        now=now,
    )
    with pytest.raises(CreditsHeld) as held:
        complete(stay, now)
    assert "1.000" in str(held.value)
    handover.refresh_from_db()
    assert handover.state == "open"
    type(hold).objects.filter(pk=hold.pk).update(outcome="released", resolved_at=now)
    with pytest.raises(ContactMissing):
        complete(stay, now, contact_consent=True)
    assert _nothing_happened(company)
    complete(stay, now)
    with pytest.raises(errors.NotInResidence):
        complete(stay, now)


@pytest.mark.parametrize("group", [StaffGroup.CREDITS, StaffGroup.AUDITOR])
def test_who_may_not(stay: Residency, now: datetime, group: str) -> None:
    for actor in (acting_staff(group), founder_of(stay.company)):
        with pytest.raises(NotAllowed):
            complete(stay, now, actor=actor)
    assert _nothing_happened(stay.company)


def _level(user: User) -> str:
    [role] = roles_of(User.objects.get(pk=user.pk))
    return role.level


def test_people_of_a_graduated_company_read_and_the_database_refuses_their_writes(
    stay: Residency, now: datetime, client: Client
) -> None:
    company = stay.company
    user = company.memberships.get().user
    sign_in(client, user)
    assert _level(user) == "owner"
    assert client.post("/portal/company/visibility/", {"visible": "yes"}).status_code == 302
    complete(stay, now)
    assert _level(user) == ALUMNI
    paper = Paper.objects.get()
    for path in ("/portal/", "/portal/company/", "/portal/lease/", "/portal/statement/", "/portal/papers/"):
        assert client.get(path).status_code == 200, path
    assert cost(client, "/portal/") <= 12
    assert client.get(f"/portal/papers/{paper.pk}.pdf").status_code == 200
    refused = client.post("/portal/company/visibility/", {"visible": "no"})
    assert refused.status_code == 403
    assert (
        client.post("/portal/statement/paper/", {"from": "", "to": "", "language": "ko"}).status_code == 403
    )
    company.refresh_from_db()
    assert company.visible_to_investors is True
    api = client.post("/api/v1/grant-requests/", {}, content_type="application/json")
    assert api.status_code == 403


def test_even_a_view_that_forgets_cannot_write(stay: Residency, now: datetime) -> None:
    company = stay.company
    complete(stay, now)
    [role] = roles_of(company.memberships.get().user)
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        transaction.atomic(),
        database_role(Role.FOUNDER, company_ids=[company.pk], read_only=role.read_only),
    ):
        Company.objects.filter(pk=company.pk).update(summary="x")


def test_a_company_that_comes_back_writes_again(stay: Residency, now: datetime) -> None:
    user = stay.company.memberships.get().user
    done = complete(stay, now)
    assert _level(user) == ALUMNI
    ResidencyFactory(
        company=stay.company,
        state="admitted",
        period=days(done.residency.period.upper, done.residency.period.upper),
    )
    assert _level(user) == "owner"


def test_a_company_without_any_stay_on_record_is_open() -> None:
    member = MembershipFactory(level="member")
    assert _level(member.user) == "member"


def test_without_consent_no_address_is_kept(stay: Residency, now: datetime) -> None:
    complete(stay, now, contact_name="김대표", contact_email="a@b.example")
    record = AlumniRecord.objects.get()
    assert (record.contact_name, record.contact_email, record.consent_at) == ("", "", None)
    with pytest.raises(IntegrityError, match="companies_alumni_contact_by_consent"), transaction.atomic():
        AlumniRecord.objects.update(contact_email="a@b.example")
    given = {"residency": record.residency, "left_on": record.left_on, "outcome": "operating", "actor": None}
    agreed = record_alumni(**given, contact_consent=True, contact_email="a@b.example", now=now)
    later = record_alumni(
        **given, contact_consent=True, contact_email="c@b.example", now=now + timedelta(days=1)
    )
    assert (later.pk, later.consent_at) == (agreed.pk, now)
    withdrawn = record_alumni(**given, contact_consent=False, contact_email="c@b.example", now=now)
    assert withdrawn.contact_email == ""
    assert AlumniRecord.objects.count() == 1


def test_a_manager_graduates_in_the_admin_and_keeps_the_record(
    stay: Residency, now: datetime, client: Client
) -> None:
    sign_in(client, staff_member(StaffGroup.LEASES))
    path = f"/admin/companies/residency/{stay.pk}/graduate/"
    values = {"last_day": str(timezone.localdate(now)), "reason": "", "outcome": "listed", "language": "ko"}
    missing = client.post(path, {**values, "contact_consent": "on"})
    assert missing.status_code == 200
    assert client.post(path, values).status_code == 302
    record = AlumniRecord.objects.get()
    change = f"/admin/companies/alumnirecord/{record.pk}/change/"
    assert client.post(change, {"outcome": "closed", "note": "문을 닫음"}).status_code == 302
    record.refresh_from_db()
    assert (record.outcome, record.note) == ("closed", "문을 닫음")
