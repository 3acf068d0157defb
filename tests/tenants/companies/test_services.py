"""Writes on companies: who may, what is refused in words, and what history says afterwards."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import Invitation
from incubator.common.errors import Invalid, NotAllowed
from incubator.common.uploads import NotAPicture, PictureTooLarge, PictureTooWide
from tenants.companies import errors, services
from tenants.companies.completeness import completeness_of
from tenants.companies.models import Company, Membership
from tenants.companies.pictures import redrawn
from tenants.companies.slugs import romanised, slug_of
from tests.factories.accounts import UserFactory, acting, acting_staff
from tests.factories.companies import (
    CompanyFactory,
    MembershipFactory,
    ResidencyFactory,
    business_number,
    founder_of,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def profile(**values):
    return {
        "name": "무등 클라우드",
        "business_number": business_number(90_001),
        "representative": "김도윤",
        "email": "Office@Mudeung.example",
        **values,
    }


def picture(size=(40, 30), kind="PNG", mode="RGB", name="logo.png"):
    content = io.BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P") else None).save(content, kind)
    return SimpleUploadedFile(name, content.getvalue())


def test_a_manager_registers_a_company():
    company = services.create_company(**profile(), actor=acting_staff(StaffGroup.LEASES), now=NOW)
    company.refresh_from_db()
    assert (company.slug, company.email, company.cluster_account) == (
        "mudeung-keulraudeu",
        "office@mudeung.example",
        None,
    )


def test_addresses_are_free_and_stay():
    slugs = [
        services.create_company(
            **profile(name_en="Bright AI", business_number=business_number(n)), actor=None, now=NOW
        ).slug
        for n in (90_001, 90_002, 90_003)
    ]
    assert slugs == ["bright-ai", "bright-ai-2", "bright-ai-3"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("한빛에이아이", "hanbiteiai"),
        ("(주) 값진 닭", "ju-gapjin-dak"),
        ("!!!", "company"),
        ("가" * 80, "ga" * 30),
    ],
)
def test_korean_names_become_addresses(name, slug):
    assert slug_of(name) == slug
    assert romanised("광주 AI") == "gwangju AI"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"business_number": "1234567890"}, errors.WrongBusinessNumber),
        ({"business_number": "12345"}, Invalid),
        ({"email": "nobody"}, Invalid),
        ({"name": ""}, Invalid),
        ({"stage": "unicorn"}, Invalid),
        ({"sectors": ["gambling"]}, Invalid),
        ({"ask_krw": 0}, Invalid),
        ({"revenue_krw": -5}, Invalid),
        ({"homepage": "javascript:alert(1)"}, Invalid),
        ({"summary": "가" * 2001}, Invalid),
    ],
)
def test_what_cannot_be_registered(values, refusal):
    with pytest.raises(refusal):
        services.create_company(**profile(**values), actor=None, now=NOW)
    assert Company.objects.count() == 0


def test_numbers_and_accounts_are_taken_in_words():
    CompanyFactory(business_number=business_number(90_001), cluster_account="gj001")
    with pytest.raises(errors.BusinessNumberTaken):
        services.create_company(**profile(), actor=None, now=NOW)
    with pytest.raises(errors.ClusterAccountTaken):
        services.create_company(
            **profile(business_number=business_number(90_002), cluster_account="gj001"), actor=None, now=NOW
        )


@pytest.mark.parametrize("group", [StaffGroup.CREDITS, StaffGroup.MATCHING, StaffGroup.AUDITOR])
def test_other_managers_do_not_register(group):
    with pytest.raises(NotAllowed):
        services.create_company(**profile(), actor=acting_staff(group), now=NOW)


def test_founders_edit_their_own_profile_only():
    company, other = CompanyFactory(), CompanyFactory()
    member = founder_of(company, level="member")

    services.edit_profile(company=company, values={"summary": "새 소개"}, actor=member, now=NOW)
    company.refresh_from_db()
    assert company.summary == "새 소개"

    for actor in (
        founder_of(other),
        acting(UserFactory(), Kind.INVESTOR, 1),
        acting_staff(StaffGroup.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            services.edit_profile(company=company, values={"summary": "x"}, actor=actor, now=NOW)


@pytest.mark.parametrize(
    "field", ["name", "business_number", "slug", "cluster_account", "visible_to_investors"]
)
def test_the_register_is_no_part_of_the_profile(field):
    company = CompanyFactory()
    with pytest.raises(ValueError, match=field):
        services.edit_profile(company=company, values={field: "x"}, actor=founder_of(company), now=NOW)


def test_consent_is_the_owners_and_its_words_are_kept():
    company = CompanyFactory()
    with pytest.raises(NotAllowed):
        services.set_visibility(
            company=company, visible=True, actor=founder_of(company, level="member"), now=NOW
        )
    services.set_visibility(company=company, visible=True, actor=founder_of(company), now=NOW)

    company.refresh_from_db()
    assert company.visible_to_investors is True
    event = company.events.order_by("pgh_id").last()
    assert event.visible_to_investors is True
    assert event.pgh_context["consent"] == services.CONSENT_VERSION


def test_a_manager_changes_register_profile_and_consent_together():
    company = CompanyFactory(cluster_account="gj001")
    services.change_company(
        company=company,
        values={"name": "새 이름", "cluster_account": "", "employees": 12, "visible_to_investors": True},
        actor=acting_staff(StaffGroup.LEASES),
        now=NOW,
    )
    company.refresh_from_db()
    assert (company.name, company.cluster_account, company.employees, company.visible_to_investors) == (
        "새 이름",
        None,
        12,
        True,
    )


@pytest.mark.parametrize(
    ("kind", "mode", "name"),
    [("PNG", "RGBA", "a.png"), ("JPEG", "CMYK", "a.jpg"), ("WEBP", "RGB", "a.webp"), ("PNG", "P", "a.png")],
)
def test_a_picture_is_drawn_anew_as_webp(kind, mode, name):
    result = Image.open(redrawn(picture((3000, 1000), kind, mode, name)))
    assert (result.format, result.size) == ("WEBP", (1200, 400))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
        b"GIF89a" + b"\0" * 64,
        b"%PDF-1.7 nothing",
        b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0",
        b"\xff\xd8\xff\xe0" + b"\xff" * 500,
    ],
)
def test_what_only_pretends_to_be_a_picture_is_refused(content):
    with pytest.raises(NotAPicture):
        redrawn(SimpleUploadedFile("logo.png", content))


def test_a_cut_off_picture_is_refused():
    whole = picture((400, 400)).read()
    with pytest.raises(NotAPicture):
        redrawn(SimpleUploadedFile("logo.png", whole[: len(whole) // 2]))


def test_a_picture_of_too_many_pixels_is_refused_unread():
    with pytest.raises(PictureTooWide):
        redrawn(picture((60_000, 900), mode="1"))


def test_a_picture_of_too_many_bytes_is_refused(settings):
    settings.PICTURE_MAX_BYTES = 50
    with pytest.raises(PictureTooLarge):
        redrawn(picture())


def test_a_new_picture_replaces_the_old_file(django_capture_on_commit_callbacks):
    company = CompanyFactory()
    owner = founder_of(company)
    with django_capture_on_commit_callbacks(execute=True):
        services.set_picture(company=company, file=picture(), actor=owner, now=NOW)
    old, storage = company.picture.name, company.picture.storage
    with django_capture_on_commit_callbacks(execute=True):
        services.set_picture(company=company, file=picture(), actor=owner, now=NOW)
    assert company.picture.name != old
    assert (storage.exists(old), storage.exists(company.picture.name)) == (False, True)

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_picture(company=company, actor=owner, now=NOW)
    company.refresh_from_db()
    assert company.picture.name == ""


def test_the_last_owner_stays():
    company = CompanyFactory()
    owner = MembershipFactory(company=company)
    manager = acting_staff(StaffGroup.LEASES)
    with pytest.raises(errors.LastOwner):
        services.remove_member(membership=owner, actor=manager, now=NOW)
    with pytest.raises(errors.LastOwner):
        services.change_member(membership=owner, level="member", title="", actor=manager, now=NOW)

    second = MembershipFactory(company=company)
    services.remove_member(membership=second, actor=manager, now=NOW)
    assert list(Membership.objects.filter(company=company).values_list("pk", "level")) == [
        (owner.pk, "owner")
    ]


def test_an_owner_removes_a_colleague_and_a_member_nobody():
    company = CompanyFactory()
    owner, member = founder_of(company), founder_of(company, level="member")
    membership = Membership.objects.get(user=member)
    with pytest.raises(NotAllowed):
        services.remove_member(membership=Membership.objects.get(user=owner), actor=member, now=NOW)
    services.remove_member(membership=membership, actor=owner, now=NOW)
    assert not Membership.objects.filter(user=member).exists()


def test_enrolling_prepares_an_invitation_and_mails_none(mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        company = services.enrol_company(first_day=date(2026, 12, 1), actor=None, now=NOW, **profile())
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.scope_id, invitation.level, invitation.sent_at) == (
        "office@mudeung.example",
        company.pk,
        "owner",
        None,
    )
    assert [(stay.state, stay.period.lower, stay.period.upper) for stay in company.residencies.all()] == [
        ("admitted", date(2026, 12, 1), None)
    ]
    assert mailoutbox == []


def test_a_stay_changes_in_words():
    stay = ResidencyFactory()
    with pytest.raises(errors.ResidencyTooShort):
        services.change_residency(residency=stay, last_day=date(2025, 12, 31), actor=None, now=NOW)
    with pytest.raises(errors.ResidencyOverlaps):
        services.open_residency(company=stay.company, first_day=date(2027, 1, 1), actor=None, now=NOW)
    with pytest.raises(NotAllowed):
        services.change_residency(residency=stay, state="graduated", actor=founder_of(stay.company), now=NOW)


def test_completeness_names_what_is_missing():
    company = CompanyFactory(homepage="", summary="")
    completeness = completeness_of(company)
    assert (completeness.filled, completeness.total) == (5, 8)
    company.homepage, company.summary, company.picture = "https://a.example", "무엇", "x.webp"
    assert completeness_of(company).complete
