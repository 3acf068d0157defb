"""Papers: issued once, kept as they were, withdrawn once; and who may."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import Invalid, NotAllowed
from tenants.papers import selectors
from tenants.papers.drawing import canonical
from tenants.papers.errors import AlreadyRevoked, PaperDamaged, RevokeReasonMissing
from tenants.papers.models import Paper
from tenants.papers.services import file_of, issue_paper, revoke_paper
from tests.factories.accounts import UserFactory, acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.papers import certificate, make_paper
from tests.queries import cost

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_a_paper_is_kept_with_its_hashes() -> None:
    company = CompanyFactory()
    actor = founder_of(company)
    paper = make_paper(company, NOW, actor=actor)
    paper.refresh_from_db()
    content = paper.file.read()
    assert paper.pdf_sha256 == hashlib.sha256(content).hexdigest()
    assert paper.content_sha256 == hashlib.sha256(canonical(paper.content).encode()).hexdigest()
    assert (paper.issued_by, paper.issued_at, paper.is_revoked) == (actor, NOW, False)
    assert paper.content["paper"]["address"] == f"https://camp.example/verify/{paper.code_shown}/"
    assert paper.code not in paper.file.name
    assert file_of(paper) == content


def test_two_of_the_same_have_codes_of_their_own() -> None:
    company = CompanyFactory()
    assert make_paper(company, NOW).code != make_paper(company, NOW).code


def test_in_english_the_frame_is_english() -> None:
    paper = make_paper(CompanyFactory(), NOW, language="en", title="Certificate of Residency")
    assert paper.content["paper"]["issuer"] == "Artificial Intelligence Industry Cluster Agency"
    assert paper.content["paper"]["code_label"] == "Verification code"
    assert paper.content["paper"]["issued"] == "22 Nov 2026"


def test_a_language_that_there_is_not() -> None:
    with pytest.raises(Invalid):
        make_paper(CompanyFactory(), NOW, language="fr")


def test_the_frame_cannot_be_forged_by_content() -> None:
    company = CompanyFactory()
    with pytest.raises(ValueError, match="base of all papers"):
        make_paper(company, NOW, content={**certificate(company), "paper": {"issuer": "다른 기관"}})


def test_who_may_issue() -> None:
    company, other = CompanyFactory(), CompanyFactory()
    own, manager = founder_of(company), acting_staff(StaffGroup.LEASES)
    for actor in (own, manager, None):
        assert make_paper(company, NOW, actor=actor).pk
    assert make_paper(company, NOW, actor=manager, kind="graduation").pk
    for actor, kind in (
        (own, "graduation"),
        (founder_of(other), "residency"),
        (acting_staff(StaffGroup.AUDITOR), "residency"),
        (acting_staff(StaffGroup.CREDITS), "residency"),
        (UserFactory(), "residency"),
    ):
        with pytest.raises(NotAllowed):
            make_paper(company, NOW, actor=actor, kind=kind)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "다른 이름"},
        {"content": {}},
        {"pdf_sha256": "0" * 64},
        {"code": "0" * 16},
        {"file": "papers/other.pdf"},
        {"issued_at": NOW - timedelta(days=1)},
        {"company_id": 0},
    ],
)
def test_the_database_keeps_a_paper_as_it_was(change: dict[str, object]) -> None:
    paper = make_paper(CompanyFactory(), NOW)
    with pytest.raises(ProgrammingError, match="pgtrigger: Cannot update"), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(**change)
    with pytest.raises(ProgrammingError, match="pgtrigger: Cannot delete"), transaction.atomic():
        paper.delete()


def test_withdrawn_once_and_for_good() -> None:
    paper, manager = make_paper(CompanyFactory(), NOW), acting_staff(StaffGroup.LEASES)
    with pytest.raises(RevokeReasonMissing):
        revoke_paper(paper=paper, reason=" ", actor=manager, now=NOW)
    with pytest.raises(Invalid):
        revoke_paper(paper=paper, reason="가" * 401, actor=manager, now=NOW)
    later = NOW + timedelta(days=1)
    revoke_paper(paper=paper, reason="기업 이름이 틀림", actor=manager, now=later)
    paper.refresh_from_db()
    assert (paper.revoked_at, paper.revoked_by, paper.revoke_reason) == (later, manager, "기업 이름이 틀림")
    with pytest.raises(AlreadyRevoked):
        revoke_paper(paper=paper, reason="다시", actor=manager, now=later)
    with pytest.raises(ProgrammingError, match="pgtrigger: Cannot update"), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(revoked_at=None, revoked_by=None, revoke_reason="")


def test_a_withdrawal_has_its_reason_in_the_database_too() -> None:
    paper = make_paper(CompanyFactory(), NOW)
    with pytest.raises(IntegrityError, match="papers_withdrawn_has_reason"), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(revoked_at=NOW)


def test_a_founder_cannot_withdraw() -> None:
    company = CompanyFactory()
    with pytest.raises(NotAllowed):
        revoke_paper(paper=make_paper(company, NOW), reason="왜", actor=founder_of(company), now=NOW)


def test_a_founders_role_reads_its_own_and_writes_none() -> None:
    mine, theirs = CompanyFactory(), CompanyFactory()
    paper = make_paper(mine, NOW)
    make_paper(theirs, NOW)
    with database_role(Role.FOUNDER, company_ids=[mine.pk]):
        assert list(Paper.objects.all()) == [paper]
        for refused in (
            lambda: Paper.objects.update(revoke_reason="x"),
            lambda: Paper.objects.create(company=mine, title="가짜", issued_at=NOW),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                refused()


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.INVESTOR, Role.ADVISER])
def test_other_roles_read_no_table_and_still_get_a_face(role: Role) -> None:
    paper = make_paper(CompanyFactory(), NOW)
    with database_role(role):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Paper.objects.first()
        face = selectors.face_of(paper.code)
        assert face is not None
        assert face.pdf_sha256 == paper.pdf_sha256
        assert selectors.face_of("0" * 16) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_function_result('camp_paper(text)'::regprocedure)")
        assert "company" not in cursor.fetchone()[0]


def test_a_founder_issues_under_the_founders_role() -> None:
    company = CompanyFactory()
    actor = founder_of(company)
    with database_role(Role.FOUNDER, user_id=actor.pk, company_ids=[company.pk]):
        paper = make_paper(company, NOW, actor=actor)
        assert Paper.objects.get() == paper


def test_a_file_that_was_changed_in_the_storage_is_not_given_out(client: Client) -> None:
    company = CompanyFactory()
    user = MembershipFactory(company=company).user
    paper = make_paper(company, NOW)
    default_storage.delete(paper.file.name)
    with pytest.raises(PaperDamaged):
        file_of(paper)
    default_storage.save(paper.file.name, ContentFile(b"%PDF-1.7 forged"))
    with pytest.raises(PaperDamaged):
        file_of(Paper.objects.get(pk=paper.pk))
    sign_in(client, user)
    assert client.get(f"/portal/papers/{paper.pk}.pdf").headers["Location"] == "/portal/papers/"


def test_the_companys_page_lists_and_opens_its_papers(client: Client) -> None:
    company, other = CompanyFactory(), CompanyFactory()
    sign_in(client, MembershipFactory(company=company).user)
    assert "아직" in client.get("/portal/papers/", headers={"accept-language": "ko"}).content.decode()
    paper, hidden = make_paper(company, NOW), make_paper(other, NOW)
    page = client.get("/portal/papers/").content.decode()
    assert paper.code_shown in page
    assert hidden.code_shown not in page
    response = client.get(f"/portal/papers/{paper.pk}.pdf")
    assert (response.content, response["Content-Type"]) == (paper.file.read(), "application/pdf")
    assert client.get(f"/portal/papers/{hidden.pk}.pdf").status_code == 404
    before = cost(client, "/portal/papers/")
    make_paper(company, NOW)
    make_paper(company, NOW)
    assert cost(client, "/portal/papers/") == before <= 12


def test_managers_open_and_withdraw_in_the_admin(client: Client) -> None:
    paper = make_paper(CompanyFactory(), NOW)
    sign_in(client, staff_member(StaffGroup.LEASES))
    address = f"/admin/papers/paper/{paper.pk}"
    assert paper.code_shown in client.get("/admin/papers/paper/").content.decode()
    opened = client.get(f"{address}/file/")
    assert opened.content == paper.file.read()
    assert client.post(f"{address}/revoke/", {"reason": ""}).status_code == 200
    assert client.post(f"{address}/revoke/", {"reason": "잘못 나감"}).status_code == 302
    paper.refresh_from_db()
    assert paper.revoke_reason == "잘못 나감"
    assert "/revoke" not in client.get(f"{address}/change/").content.decode()
    assert client.get(f"{address}/delete/").status_code == 403


def test_the_unused_language_stays_as_it_was() -> None:
    """Issuing in English for a Korean reader leaves the reader's language alone."""
    from django.utils.translation import get_language

    before = get_language()
    issue_paper(
        kind="residency",
        company=(company := CompanyFactory()),
        template="papers/residency.typ",
        title="Certificate",
        content=certificate(company),
        language="en",
        actor=None,
        now=NOW,
    )
    assert get_language() == before
