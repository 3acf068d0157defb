"""The founder's company page, and hostile input to it."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import Invitation
from incubator.accounts.services import prepare_invitation
from incubator.audit.models import AccessEvent
from investors.firms.models import Firm, FirmMember
from tenants.companies.models import Company, Membership
from tests.factories.accounts import UserFactory, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory, founder_of
from tests.queries import cost

pytestmark = pytest.mark.django_db

HOME, EDIT, PICTURE, INVITE = (
    "/portal/company/",
    "/portal/company/edit/",
    "/portal/company/picture/",
    "/portal/company/invite/",
)
API = "/api/v1/companies/"
MARKER = "남의비밀표식"


@pytest.fixture
def company():
    CompanyFactory(name=MARKER, summary=MARKER)
    return CompanyFactory(name="우리 회사")


@pytest.fixture
def owner(company):
    return sign_in(Client(), MembershipFactory(company=company).user)


@pytest.fixture
def member(company):
    return sign_in(Client(), MembershipFactory(company=company, level="member").user)


def form(**values):
    return {
        "summary": "새 소개",
        "sectors": ["healthcare", "robotics"],
        "stage": "seed",
        "region": "gwangju_jeonnam",
        "employees": "12",
        "ask_krw": "1,500,000,000원",
        "revenue_krw": "0",
        "homepage": "mudeung.example",
        "name_en": "Mudeung",
        "representative": "김도윤",
        "email": "office@mudeung.example",
        **values,
    }


def png(size=(40, 30)):
    content = io.BytesIO()
    Image.new("RGB", size).save(content, "PNG")
    return content.getvalue()


def test_the_page_shows_the_own_company_only(owner, company):
    ResidencyFactory(company=company)
    page = owner.get(HOME)
    assert page.status_code == 200
    assert page.context["company"] == company
    assert "우리 회사" in page.content.decode()
    assert MARKER not in page.content.decode()


def test_saving_the_profile(owner, company):
    response = owner.post(EDIT, form())
    assert (response.status_code, response["Location"]) == (302, HOME)
    company.refresh_from_db()
    assert (company.summary, company.sectors, company.ask_krw, company.revenue_krw, company.homepage) == (
        "새 소개",
        ["healthcare", "robotics"],
        1_500_000_000,
        0,
        "https://mudeung.example",
    )
    assert company.name == "우리 회사"


def test_the_register_cannot_be_posted_along(owner, company):
    before = company.business_number
    owner.post(EDIT, form(name="사칭", business_number="1248100998", visible_to_investors="on", slug="x"))
    company.refresh_from_db()
    assert (company.name, company.business_number, company.visible_to_investors) == (
        "우리 회사",
        before,
        False,
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"summary": "가" * 2001}, "summary"),
        ({"summary": "a" * 1_000_000}, "summary"),
        ({"employees": "-1"}, "employees"),
        ({"employees": "9" * 30}, "employees"),
        ({"ask_krw": "0"}, "ask_krw"),
        ({"ask_krw": "많이"}, "ask_krw"),
        ({"ask_krw": "9" * 16}, "ask_krw"),
        ({"revenue_krw": "-1"}, "revenue_krw"),
        ({"stage": "unicorn"}, "stage"),
        ({"sectors": ["gambling"]}, "sectors"),
        ({"homepage": "javascript:alert(1)"}, "homepage"),
        ({"email": "nobody"}, "email"),
        ({"representative": ""}, "representative"),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_nothing_typed_is_lost(owner, company, values, field):
    response = owner.post(EDIT, form(name_en="Kept as typed", **values))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert 'value="Kept as typed"' in response.content.decode()
    company.refresh_from_db()
    assert company.name_en != "Kept as typed"


def test_nul_is_400(owner):
    assert owner.post(EDIT, form(summary="a\x00b")).status_code == 400
    assert owner.get(HOME + "?q=%00").status_code == 400


def test_three_megabytes_of_text_are_413(owner):
    assert owner.post(EDIT, form(summary="a" * 3_000_000)).status_code == 413


def test_seventy_megabytes_are_413(owner, company):
    huge = SimpleUploadedFile("logo.png", b"\0" * 70_000_000)
    assert owner.post(EDIT, form(picture_file=huge)).status_code == 413
    company.refresh_from_db()
    assert company.picture.name == ""


def test_a_photograph_of_thirty_megabytes_is_refused_at_its_field_and_nothing_typed_is_lost(owner, company):
    answer = owner.post(
        EDIT, form(summary="Kept as typed", picture_file=SimpleUploadedFile("a.jpg", b"\0" * 30_000_000))
    )
    assert answer.status_code == 200
    assert "picture_file" in answer.context["form"].errors
    assert "Kept as typed" in answer.content.decode()
    company.refresh_from_db()
    assert company.picture.name == ""


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        SimpleUploadedFile("logo.png", b"\0" * 6_000_000),
        SimpleUploadedFile("가" * 300 + ".png", b"no picture"),
        SimpleUploadedFile("../../etc/passwd", b"no picture"),
    ],
    ids=["svg named png", "svg", "six megabytes", "long name", "path"],
)
def test_a_false_picture_is_said_at_its_field_and_saves_nothing(owner, company, file):
    response = owner.post(EDIT, form(picture_file=file))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["picture_file"]
    company.refresh_from_db()
    assert (company.picture.name, company.summary == "새 소개") == ("", False)


def test_a_post_without_its_token_is_403(company):
    client = sign_in(Client(enforce_csrf_checks=True), MembershipFactory(company=company).user)
    assert client.post(EDIT, form()).status_code == 403


def test_the_picture_is_the_companys_own(owner, company):
    assert owner.get(PICTURE).status_code == 404
    owner.post(EDIT, form(picture_file=SimpleUploadedFile("logo.png", png())))

    shown = owner.get(PICTURE)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (40, 30)

    stranger = sign_in(Client(), MembershipFactory().user)
    assert stranger.get(PICTURE).status_code == 404
    owner.post(EDIT, form(remove_picture="on"))
    assert owner.get(PICTURE).status_code == 404


def test_the_owner_decides_who_sees_the_company(owner, member, company):
    visibility = "/portal/company/visibility/"
    member.post(visibility, {"visible": "yes"})
    company.refresh_from_db()
    assert company.visible_to_investors is False

    owner.post(visibility, {"visible": "yes"})
    company.refresh_from_db()
    assert company.visible_to_investors is True

    owner.post(visibility, {"visible": "no"})
    company.refresh_from_db()
    assert company.visible_to_investors is False


def test_inviting_a_colleague(owner, company, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = owner.post(INVITE, {"name": "이봄", "email": "spring@b.example", "level": "member"})
    assert response.status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.scope_id, invitation.level, invitation.scope_label) == (
        company.pk,
        "member",
        "우리 회사",
    )
    assert mailoutbox[0].to == ["spring@b.example"]
    assert "http://testserver/invitation/" in mailoutbox[0].body
    assert "이봄" in owner.get(HOME).content.decode()

    owner.post(f"/portal/company/invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_a_member_invites_nobody(member):
    response = member.post(INVITE, {"name": "이봄", "email": "spring@b.example", "level": "owner"})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["__all__"]
    assert Invitation.objects.count() == 0


def test_someone_elses_member_and_invitation_do_not_exist(owner):
    others = MembershipFactory()
    theirs = founder_of(others.company)
    invitation = prepare_invitation(
        email="a@b.example",
        name="가",
        kind="founder",
        scope_id=others.company_id,
        level="member",
        actor=theirs,
        now=timezone.now(),
    )
    assert owner.post(f"/portal/company/members/{others.pk}/remove/").status_code == 404
    assert owner.post(f"/portal/company/invitations/{invitation.pk}/revoke/").status_code == 404
    assert owner.post("/portal/company/members/987654/remove/").status_code == 404
    assert Membership.objects.filter(pk=others.pk).exists()


def test_removing_a_colleague(owner, company):
    colleague = MembershipFactory(company=company, level="member")
    response = owner.post(f"/portal/company/members/{colleague.pk}/remove/")
    assert response["Location"] == HOME
    assert not Membership.objects.filter(pk=colleague.pk).exists()


def test_the_page_costs_the_same_with_three_members_as_with_one(owner, company):
    founder_of(company, level="member")
    one = cost(owner, HOME)
    for n in range(3):
        founder_of(company, level="member")
        prepare_invitation(
            email=f"p{n}@b.example",
            name="가",
            kind="founder",
            scope_id=company.pk,
            level="member",
            actor=None,
            now=timezone.now(),
        )
        ResidencyFactory(company=company, period=(f"202{n}-01-01", f"202{n}-02-01"), state="graduated")
    Invitation.objects.update(sent_at=timezone.now())
    assert cost(owner, HOME) == one
    assert one <= 12


# --- API


def test_the_list_holds_the_ids_of_the_page(owner, company):
    assert [row["id"] for row in owner.get(API).json()["results"]] == [company.pk]
    other = Company.objects.exclude(pk=company.pk).get()
    assert owner.get(f"{API}{other.pk}/").status_code == 404
    assert owner.get(f"{API}987654/").status_code == 404


def test_staff_and_investors_see_what_is_theirs(company):
    Company.objects.filter(pk=company.pk).update(visible_to_investors=True)
    ResidencyFactory(company=company)
    firm = Firm.objects.create(name="충장벤처", slug="chungjang", kind="vc", email="office@firm.example")
    investor = FirmMember.objects.create(firm=firm, user=UserFactory()).user

    seen = sign_in(Client(), investor).get(API).json()["results"]
    assert [row["id"] for row in seen] == [company.pk]
    private = {
        "business_number",
        "corporate_number",
        "representative",
        "email",
        "revenue_krw",
        "cluster_account",
    }
    assert private & set(seen[0]) == set()
    assert seen[0]["residency"] == {"state": "resident", "from": "2026-01-01", "until": None}

    staff = sign_in(Client(), staff_member(StaffGroup.CREDITS)).get(API).json()["results"]
    assert len(staff) == 2
    assert private <= set(staff[0])


def test_who_reads_one_companys_data_is_on_record(company):
    manager = staff_member(StaffGroup.CREDITS)
    sign_in(Client(), manager).get(f"{API}{company.pk}/")
    event = AccessEvent.objects.get()
    assert (event.user, event.acting_as, event.subject_type, event.subject_ids) == (
        manager,
        "staff",
        "company",
        [company.pk],
    )


def test_patching_the_own_profile(owner, company):
    def patch(**values):
        return owner.patch(f"{API}{company.pk}/", json.dumps(values), content_type="application/json")

    changed = patch(summary="API로", sectors=["energy"], business_number="1248100998")
    assert (changed.status_code, changed.json()["summary"], changed.json()["sectors"]) == (
        200,
        "API로",
        ["energy"],
    )
    company.refresh_from_db()
    assert company.business_number != "1248100998"
    for wrong in ({"sectors": ["gambling"]}, {"ask_krw": 0}, {"summary": "a\x00b"}, {"employees": "x"}):
        refused = patch(**wrong)
        assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
        assert list(refused.json()["errors"]) == list(wrong)


def test_an_investor_never_writes(company):
    Company.objects.filter(pk=company.pk).update(visible_to_investors=True)
    firm = Firm.objects.create(name="충장벤처", slug="chungjang", kind="vc", email="office@firm.example")
    client = sign_in(Client(), FirmMember.objects.create(firm=firm, user=UserFactory()).user)
    response = client.patch(f"{API}{company.pk}/", "{}", content_type="application/json")
    assert response.status_code == 403
