"""Managers' pages on companies: admission, the register, members, invitations, and the spreadsheet."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import Invitation
from incubator.audit.models import AccessEvent
from tenants.companies.models import Company, Membership, Residency
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory, business_number
from tests.queries import cost

pytestmark = pytest.mark.django_db

LIST = "/admin/companies/company/"


@pytest.fixture
def office():
    return sign_in(Client(), staff_member(StaffGroup.LEASES))


def form(**values):
    return {
        "name": "무등클라우드",
        "business_number": business_number(90_001),
        "corporate_number": "",
        "founded_on": "2024-03-04",
        "cluster_account": "",
        "name_en": "Mudeung Cloud",
        "representative": "김도윤",
        "email": "office@mudeung.example",
        "homepage": "",
        "sectors": ["healthcare"],
        "stage": "seed",
        "region": "gwangju_jeonnam",
        "summary": "소개",
        "employees": "3",
        "revenue_krw": "",
        "ask_krw": "",
        **values,
    }


def members(*rows, **values):
    total = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)}
    for n, member in enumerate(rows):
        total |= {
            f"memberships-{n}-id": member.pk,
            f"memberships-{n}-company": member.company_id,
            f"memberships-{n}-level": member.level,
            f"memberships-{n}-title": member.title,
        }
    return {**total, **values}


def test_admitting_a_company(office, django_capture_on_commit_callbacks):
    assert office.get(f"{LIST}add/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(f"{LIST}add/", form(first_day="2026-12-01", mail_now="on"))
    assert answer.status_code == 302
    company = Company.objects.get()
    assert (company.slug, company.cluster_account) == ("mudeung-cloud", None)
    assert [(stay.state, stay.period.lower) for stay in Residency.objects.all()] == [
        ("admitted", date(2026, 12, 1))
    ]
    assert mail.outbox[0].to == ["office@mudeung.example"]
    assert LogEntry.objects.get().object_repr == "무등클라우드"


def test_a_refusal_keeps_what_was_typed_and_leaves_no_entry(office):
    answer = office.post(f"{LIST}add/", form(first_day="2026-12-01", business_number="1234567890"))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["business_number"]
    assert 'value="무등클라우드"' in answer.content.decode()
    assert (Company.objects.count(), Invitation.objects.count(), LogEntry.objects.count()) == (0, 0, 0)


def test_changing_the_register(office):
    company = MembershipFactory(company=CompanyFactory(cluster_account="gj001")).company
    member = company.memberships.get()
    path = f"{LIST}{company.pk}/change/"
    assert office.get(path).status_code == 200

    answer = office.post(path, {**form(visible_to_investors="on"), **members(member)})
    assert answer.status_code == 302
    changed = Company.objects.get()
    assert (changed.name, changed.slug, changed.cluster_account, changed.visible_to_investors) == (
        "무등클라우드",
        company.slug,
        None,
        True,
    )
    assert set(AccessEvent.objects.values_list("subject_type", flat=True)) == {"company"}


def test_the_last_owner_cannot_be_removed_or_lowered(office):
    member = MembershipFactory()
    path = f"{LIST}{member.company_id}/change/"
    for more in ({"memberships-0-level": "member"}, {"memberships-0-DELETE": "on"}):
        answer = office.post(path, {**form(name="바뀌지 않을 이름"), **members(member, **more)})
        assert answer.status_code == 200
        assert 'value="바뀌지 않을 이름"' in answer.content.decode()
    assert list(Membership.objects.values_list("level", flat=True)) == ["owner"]
    assert Company.objects.get().name != "바뀌지 않을 이름"
    assert LogEntry.objects.count() == 0


def test_members_change_and_leave(office):
    owner = MembershipFactory()
    second = MembershipFactory(company=owner.company, level="member")
    third = MembershipFactory(company=owner.company, level="member")
    more = {"memberships-1-level": "owner", "memberships-1-title": "이사", "memberships-2-DELETE": "on"}
    answer = office.post(
        f"{LIST}{owner.company_id}/change/", {**form(), **members(owner, second, third, **more)}
    )
    assert answer.status_code == 302
    assert list(Membership.objects.order_by("pk").values_list("pk", "level", "title")) == [
        (owner.pk, "owner", ""),
        (second.pk, "owner", "이사"),
    ]


def test_inviting_a_person_by_page(office, django_capture_on_commit_callbacks):
    company = CompanyFactory(name="한빛에이아이")
    path = f"{LIST}{company.pk}/invite/"
    assert office.get(path).status_code == 200
    assert Invitation.objects.count() == 0

    wrong = office.post(path, {"name": "가온", "email": "nobody", "level": "owner"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["email"])

    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(path, {"name": "가온", "email": "a@b.example", "level": "owner"})
    assert answer["Location"] == f"{LIST}{company.pk}/change/"
    assert mail.outbox[0].to == ["a@b.example"]
    assert office.get(f"{LIST}987654/invite/").status_code == 404


def test_mailing_the_prepared_invitations(office, django_capture_on_commit_callbacks):
    office.post(f"{LIST}add/", form(first_day="2026-12-01"))
    assert mail.outbox == []
    chosen = {"action": "send_invitations", "_selected_action": [Company.objects.get().pk]}
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert office.post(LIST, chosen).status_code == 302
    assert [message.to for message in mail.outbox] == [["office@mudeung.example"]]


@pytest.mark.parametrize("group", [StaffGroup.CREDITS, StaffGroup.AUDITOR])
def test_other_managers_read_and_change_nothing(group):
    company = CompanyFactory(name="그대로")
    client = sign_in(Client(), staff_member(group))
    assert client.get(LIST).status_code == 200
    assert client.get(f"{LIST}{company.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{company.pk}/change/", form()).status_code == 403
    assert client.post(f"{LIST}add/", form(first_day="2026-12-01")).status_code == 403
    assert client.get(f"{LIST}{company.pk}/invite/").status_code == 403
    assert client.get(f"{LIST}load/").status_code == 403
    assert Company.objects.get().name == "그대로"


def test_loading_the_spreadsheet_by_page(office):
    heading = "기업명,사업자등록번호,대표자,이메일,분야,단계,입주일"
    text = f"{heading}\n무등클라우드,{business_number(90_001)},김도윤,office@mudeung.example,헬스케어,시드,2026-01-05"
    upload = SimpleUploadedFile("companies.csv", text.encode("cp949"))
    preview = office.post(f"{LIST}load/", {"file": upload})
    assert (preview.status_code, str(preview.context["counts"])) == (
        200,
        "rows 1, new 1, changed 0, unchanged 0, rejected 0",
    )
    assert Company.objects.count() == 0

    assert office.post(f"{LIST}load/", {"confirm": preview.context["token"]})["Location"] == LIST
    assert Company.objects.get().name == "무등클라우드"


@pytest.mark.parametrize(
    "query", ["", "?residency=resident", "?q=무등", "?stage=seed&visible_to_investors__exact=0"]
)
def test_the_list_costs_the_same_with_three_rows_as_with_one(office, query):
    def more(count):
        for _ in range(count):
            ResidencyFactory(company=MembershipFactory().company)

    more(1)
    one = cost(office, f"{LIST}{query}")
    more(3)
    assert cost(office, f"{LIST}{query}") == one
    assert one <= 12
