"""입주확인서 and 졸업(수료)증: what they say, whom they are for, and when there is nothing to certify."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.companies.models import Company
from tenants.lifecycle import errors
from tenants.lifecycle.certificates import issue_graduation, issue_residency
from tenants.papers.errors import TooManyPapers
from tenants.papers.models import Paper
from tenants.papers.services import MOST_A_DAY
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory, founder_of
from tests.factories.leases import BuildingFactory, FloorFactory, LeaseFactory, SpaceFactory
from tests.factories.papers import make_paper
from tests.queries import cost
from tests.tenants.papers.looking import texts, undrawn

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    made: Company = CompanyFactory(
        name="꿻美 지능", name_en="Kkwekt Intelligence", business_number="1238100001", representative="김美래"
    )
    ResidencyFactory(company=made)
    floor = FloorFactory(building=BuildingFactory(name="제1 창업동", name_en="Startup Hall 1"))
    for code in ("401", "402"):
        LeaseFactory(company=made, space=SpaceFactory(floor=floor, code=code))
    LeaseFactory(company=made, space=SpaceFactory(floor=floor, code="999"), state="offered")
    LeaseFactory(
        company=made,
        space=SpaceFactory(floor=floor, code="888"),
        state="ended",
        period=days(date(2025, 1, 1), date(2025, 12, 31)),
    )
    return made


def asked(company: Company, actor: object, **more: object) -> Paper:
    values = {"purpose": "은행 제출", "language": "ko", "now": NOW, **more}
    return issue_residency(company=company, actor=actor, **values)  # type: ignore[arg-type]


def test_it_says_who_where_since_when_and_what_for(company: Company) -> None:
    pdf = asked(company, founder_of(company), purpose="  은행   제출 ").file.read()
    (text,) = texts(pdf)
    for words in (
        "입 주 확 인 서",
        "꿻美 지능",
        "123-81-00001",
        "김美래",
        "2026. 1. 1. (목)",
        "은행 제출",
        "제1 창업동 401호",
        "제1 창업동 402호",
        "33.00 m²",
        "2026. 1. 4. (일) – 2027. 1. 3. (일)",
        "인공지능산업융합사업단",
    ):
        assert words in text.replace("\r\n", " "), words
    assert "999" not in text
    assert "888" not in text
    assert undrawn(pdf) == []


def test_in_english_it_is_english(company: Company) -> None:
    paper = asked(company, acting_staff(StaffGroup.LEASES), language="en", purpose="Bank")
    (text,) = texts(paper.file.read())
    for words in (
        "Certificate of residency",
        "Kkwekt Intelligence",
        "Startup Hall 1, room 401",
        "1 Jan 2026",
    ):
        assert words in text
    assert "꿻美" not in text


@pytest.mark.parametrize("purpose", ["", "  ", "가" * 101])
def test_without_a_purpose_there_is_none(company: Company, purpose: str) -> None:
    with pytest.raises(errors.PurposeMissing):
        asked(company, founder_of(company), purpose=purpose)


def test_without_a_space_there_is_none(company: Company) -> None:
    later = datetime(2027, 1, 4, 3, 0, tzinfo=UTC)
    with pytest.raises(errors.NoSpaceHeld):
        asked(company, founder_of(company), now=later)


def test_others_cannot_have_it_made(company: Company) -> None:
    for actor in (founder_of(CompanyFactory()), acting_staff(StaffGroup.AUDITOR)):
        with pytest.raises(NotAllowed):
            asked(company, actor)


def test_a_company_has_a_limit_a_day_and_managers_none(company: Company) -> None:
    founder = founder_of(company)
    paper = make_paper(company, NOW)
    copies = [Paper(**{**_columns(paper), "code": f"{number:016d}"}) for number in range(MOST_A_DAY - 1)]
    Paper.objects.bulk_create(copies)
    with pytest.raises(TooManyPapers):
        asked(company, founder)
    assert asked(company, acting_staff(StaffGroup.LEASES)).pk
    assert asked(company, founder, now=datetime(2026, 11, 23, 4, 0, tzinfo=UTC)).pk


def _columns(paper: Paper) -> dict[str, object]:
    return {
        field.attname: getattr(paper, field.attname)
        for field in Paper._meta.concrete_fields
        if field.name != "id"
    }


def test_the_founders_page(company: Company, client: Client) -> None:
    sign_in(client, MembershipFactory(company=company).user)
    path = "/portal/lease/certificate/"
    assert path in client.get("/portal/lease/").content.decode()
    page = client.get(path).content.decode()
    assert ("401" in page, "999" in page) == (True, False)
    assert cost(client, path) <= 12
    assert client.post(path, {"purpose": "", "language": "ko"}).status_code == 200
    done = client.post(path, {"purpose": "은행 제출", "language": "ko"}, follow=True)
    assert Paper.objects.get().code_shown in done.content.decode()


def test_a_manager_issues_it_in_the_admin(company: Company, client: Client) -> None:
    sign_in(client, staff_member(StaffGroup.LEASES))
    path = "/admin/papers/paper/issue-residency/"
    values = {"company": company.pk, "purpose": "기관 제출", "language": "ko"}
    assert client.post(path, {**values, "purpose": ""}).status_code == 200
    assert client.post(path, values).status_code == 302
    assert Paper.objects.get().company == company


def test_graduation_is_certified_once_it_has_happened(company: Company, client: Client) -> None:
    stay = company.residencies.get()
    manager = acting_staff(StaffGroup.LEASES)
    with pytest.raises(errors.NotGraduated):
        issue_graduation(residency=stay, language="ko", actor=manager, now=NOW)
    stay.state, stay.period = "graduated", days(date(2026, 1, 1), date(2026, 11, 20))
    stay.save()
    with pytest.raises(NotAllowed):
        issue_graduation(residency=stay, language="ko", actor=founder_of(company), now=NOW)
    (text,) = texts(issue_graduation(residency=stay, language="ko", actor=manager, now=NOW).file.read())
    assert "2026. 1. 1. (목) – 2026. 11. 20. (금)" in text
    sign_in(client, staff_member(StaffGroup.LEASES))
    assert (
        client.post(f"/admin/companies/residency/{stay.pk}/certificate/", {"language": "en"}).status_code
        == 302
    )
    assert list(Paper.objects.values_list("language", flat=True)) == ["en", "ko"]
