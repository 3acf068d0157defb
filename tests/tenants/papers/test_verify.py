"""The page on which anyone finds out whether a paper is genuine, and learns nothing beyond the paper."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from tenants.papers.codes import make_code, shown_code
from tenants.papers.models import Paper
from tenants.papers.services import revoke_paper
from tests.factories.companies import CompanyFactory
from tests.factories.papers import certificate, make_paper
from tests.queries import cost

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SECRET = "가려진고래"


@pytest.fixture
def paper() -> Paper:
    company = CompanyFactory(
        name="한빛지능",
        representative=f"{SECRET} 대표",
        email="secret-whale@company.example",
        summary=f"{SECRET} 소개",
    )
    content = certificate(company, statement=f"{SECRET} 문장")
    return make_paper(company, NOW, content=content)


def uploaded(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("입주확인서.pdf", content, "application/pdf")


def text(client: Client, path: str, **posted: object) -> str:
    response = client.post(path, posted) if posted else client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def reader() -> Iterator[Client]:
    """Someone who reads English; the language is put back for the next test."""
    with translation.override(translation.get_language()):
        yield Client(headers={"accept-language": "en"})


def test_it_confirms_the_face_and_nothing_else(reader: Client, paper: Paper) -> None:
    page = text(reader, f"/verify/{paper.code_shown}/")
    for shown in (
        "and it holds",
        "입주확인서",
        "한빛지능",
        "은행 제출",
        "22 Nov 2026",
        "Certificate of residency",
        paper.code_shown,
    ):
        assert shown in page
    for hidden in (
        SECRET,
        "secret-whale",
        paper.company.business_number,
        paper.pdf_sha256,
        paper.content_sha256,
        "창업동",
    ):
        assert hidden not in page
    assert cost(reader, f"/verify/{paper.code_shown}/") <= 4


def test_the_code_is_read_as_people_type_it(reader: Client, paper: Paper) -> None:
    path = f"/verify/{paper.code_shown}/"
    for typed in (paper.code, paper.code.lower(), paper.code_shown.lower()):
        assert reader.get(f"/verify/{typed}/").headers["Location"] == path
        assert reader.get("/verify/", {"code": typed}).headers["Location"] == path
        assert "and it holds" in text(reader, "/verify/", code=typed)


def test_withdrawn_is_said(reader: Client, paper: Paper) -> None:
    revoke_paper(paper=paper, reason=f"{SECRET} 사유", actor=None, now=NOW + timedelta(days=3))
    page = text(reader, f"/verify/{paper.code_shown}/")
    assert "has been withdrawn" in page
    assert "25 Nov 2026" in page
    assert "and it holds" not in page
    assert SECRET not in page
    same = text(reader, f"/verify/{paper.code_shown}/", file=uploaded(paper.file.read()))
    assert "has been withdrawn" in same


def test_a_changed_file_fails_by_one_bit(reader: Client, paper: Paper) -> None:
    path, content = f"/verify/{paper.code_shown}/", paper.file.read()
    assert "genuine paper, unchanged" in text(reader, path, file=uploaded(content))
    assert "genuine paper, unchanged" in text(reader, "/verify/", code=paper.code, file=uploaded(content))
    for at in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[at] ^= 1
        page = text(reader, path, file=uploaded(bytes(changed)))
        assert "This file is not the paper that was issued." in page
        assert "genuine paper, unchanged" not in page
    other = make_paper(CompanyFactory(), NOW).file.read()
    assert "not the paper that was issued" in text(reader, path, file=uploaded(other))


def test_a_pasted_hash_is_compared(reader: Client, paper: Paper) -> None:
    path = f"/verify/{paper.code_shown}/"
    assert "genuine paper, unchanged" in text(reader, path, sha256=f" {paper.pdf_sha256.upper()} ")
    assert "not the paper that was issued" in text(reader, path, sha256="0" * 64)
    wrong = text(reader, path, sha256="0" * 63)
    assert "64 characters" in wrong
    assert "genuine paper, unchanged" not in wrong


def test_nothing_sent_is_nothing_compared(reader: Client, paper: Paper) -> None:
    page = reader.post(f"/verify/{paper.code_shown}/").content.decode()
    assert "and it holds" in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_and_mistyped_codes_get_an_answer(reader: Client, paper: Paper, method: str) -> None:
    unknown = reader.get(f"/verify/{shown_code(make_code())}/")
    wrong = paper.code[:-1] + ("0" if paper.code[-1] != "0" else "1")
    mistyped = getattr(reader, method)("/verify/", {"code": wrong})
    assert (unknown.status_code, mistyped.status_code) == (404, 404)
    assert "No paper was issued with this code." in unknown.content.decode()
    assert "a letter is wrong or missing" in mistyped.content.decode()
    assert "한빛지능" not in unknown.content.decode() + mistyped.content.decode()


def test_the_form_asks_for_a_code(reader: Client) -> None:
    assert "No sign-in is needed" in text(reader, "/verify/")
    assert reader.post("/verify/", {"code": ""}).status_code == 200
    assert reader.get("/verify/", {"code": "가" * 50}).status_code == 200
    assert reader.get("/verify/", {"code": ""}).status_code == 200


def test_no_machine_keeps_or_lists_it(reader: Client, paper: Paper) -> None:
    response = reader.get(f"/verify/{paper.code_shown}/")
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_too_large_a_file_is_named(reader: Client, paper: Paper, settings: object) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000  # type: ignore[attr-defined]
    settings.MEGABYTE = 1_000_000  # type: ignore[attr-defined]
    page = reader.post(f"/verify/{paper.code_shown}/", {"file": uploaded(paper.file.read())}).content.decode()
    assert "at most" in page
