"""Who finds what of a data room: by the pages, and by the database when the pages forget."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import ProgrammingError, transaction
from django.db.utils import IntegrityError, InternalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.common.dbroles import Role, database_role
from investors.dataroom import selectors, services
from investors.dataroom.models import Document, DocumentAccess, DocumentVersion, Folder, PageView
from investors.matching.services import withdraw_disclosure
from tests.factories.accounts import sign_in
from tests.factories.companies import founder_of
from tests.factories.dataroom import NOW, AccessFactory, DocumentFactory, give_version
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import DisclosureGrantFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db
TABLES = (Folder, Document, DocumentVersion, DocumentAccess)
SECRETS = ("비밀 폴더", "비밀 계획서", "secret-name")


@pytest.fixture
def access() -> DocumentAccess:
    return AccessFactory(
        document__title="비밀 계획서",
        document__folder__name="비밀 폴더",
        document__content__name="secret-name.png",
    )


@pytest.fixture
def reader(access: DocumentAccess) -> Client:
    return sign_in(Client(), investor_of(access.firm))


def addresses(document: Document) -> list[str]:
    return [
        reverse("reading:document", args=[document.pk]),
        reverse("reading:picture", args=[document.pk, 1]),
        reverse("reading:file", args=[document.pk]),
    ]


def found(client: Client, document: Document) -> list[int]:
    return [client.get(address).status_code for address in addresses(document)]


def rows_of(firm_id: int) -> list[int]:
    """How many rows of each table the firm's own role can read at all, whatever a page asks."""
    with database_role(Role.INVESTOR, firm_ids=[firm_id], read_only=False):
        return [model.objects.order_by().values("pk").count() for model in TABLES]


def closed(client: Client, access: DocumentAccess) -> None:
    """Neither page nor row, and no word of it in the list."""
    assert found(client, access.document) == [404, 404, 404]
    page = client.get("/invest/documents/").content.decode()
    assert [secret for secret in SECRETS if secret in page] == []
    assert rows_of(access.firm_id) == [0, 0, 0, 0]


def test_a_firm_with_access_looks_and_may_not_download(access: DocumentAccess, reader: Client) -> None:
    assert found(reader, access.document) == [200, 200, 404]
    assert rows_of(access.firm_id) == [1, 1, 1, 1]
    assert "비밀 계획서" in reader.get("/invest/documents/").content.decode()


def test_another_firm_with_a_consent_of_its_own_finds_nothing(access: DocumentAccess) -> None:
    other = DisclosureGrantFactory(introduction__match__company=access.company)
    client = sign_in(Client(), investor_of(other.firm))
    assert found(client, access.document) == [404, 404, 404]
    assert rows_of(other.firm_id) == [0, 0, 0, 0]
    page = client.get("/invest/documents/").content.decode()
    assert [secret for secret in SECRETS if secret in page] == []


def test_no_answer_names_the_file_that_was_uploaded(access: DocumentAccess, reader: Client) -> None:
    access = AccessFactory(
        document=access.document,
        level="download",
        disclosure=DisclosureGrantFactory(introduction__match__company=access.company),
    )
    client = sign_in(Client(), investor_of(access.firm))
    for address in ["/invest/documents/", *addresses(access.document)]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"secret-name" not in answer.content
        assert "secret-name" not in str(answer.headers)


def test_withdrawing_the_consent_closes_everything_at_once(access: DocumentAccess, reader: Client) -> None:
    assert found(reader, access.document)[0] == 200
    withdraw_disclosure(disclosure=access.disclosure, actor=founder_of(access.company), now=timezone.now())
    closed(reader, access)


def test_a_new_consent_opens_nothing_by_itself(access: DocumentAccess, reader: Client) -> None:
    withdraw_disclosure(disclosure=access.disclosure, actor=founder_of(access.company), now=timezone.now())
    DisclosureGrantFactory(introduction=access.disclosure.introduction)
    closed(reader, access)


def _consent_over(access: DocumentAccess) -> None:
    access.disclosure.since = access.disclosure.until = timezone.localdate() - timedelta(days=1)
    access.disclosure.save()


def _taken_back(access: DocumentAccess) -> None:
    DocumentAccess.objects.filter(pk=access.pk).update(withdrawn_at=NOW)


def _put_away(access: DocumentAccess) -> None:
    services.put_away(document=access.document, actor=founder_of(access.company), now=NOW)


def _hidden(access: DocumentAccess) -> None:
    access.company.visible_to_investors = False
    access.company.save()


@pytest.mark.parametrize("close", [_consent_over, _taken_back, _put_away, _hidden])
def test_whatever_closes_it_closes_all_of_it(close: Any, access: DocumentAccess, reader: Client) -> None:
    close(access)
    assert found(reader, access.document) == [404, 404, 404]
    page = reader.get("/invest/documents/").content.decode()
    assert [secret for secret in SECRETS if secret in page] == []
    assert rows_of(access.firm_id)[:3] == [0, 0, 0]


def test_its_own_day_passes() -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    access = AccessFactory(document__title="비밀 계획서", document__folder__name="비밀 폴더", until=yesterday)
    closed(sign_in(Client(), investor_of(access.firm)), access)


@pytest.mark.parametrize("state", ["waiting", "failed", "infected"])
def test_what_the_scanner_has_not_passed_is_open_to_no_firm(
    state: str, access: DocumentAccess, reader: Client
) -> None:
    give_version(access.document, scan_state=state)
    assert found(reader, access.document)[:2] == [200, 200]  # the version before it, as until now
    DocumentVersion.objects.filter(pk=access.document.current_id).update(scan_state=state)
    assert found(reader, access.document) == [404, 404, 404]
    assert rows_of(access.firm_id)[2] == 0


def test_a_view_that_writes_fails_in_the_database(access: DocumentAccess, reader: Client) -> None:
    def write(user: Any) -> Any:
        PageView.objects.filter(pk=0).update(seconds=1)

    with (
        patch.object(selectors, "documents_for", write),
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
    ):
        reader.get(reverse("reading:document", args=[access.document_id]))
    assert reader.post(reverse("reading:document", args=[access.document_id])).status_code == 405


def test_a_founder_cannot_open_without_a_consent_nor_give_what_is_not_theirs(access: DocumentAccess) -> None:
    company, other = access.company, FirmFactory()
    founder = founder_of(company)
    foreign = DisclosureGrantFactory()  # somebody else's
    DocumentAccess.objects.filter(pk=access.pk).update(withdrawn_at=NOW)
    for firm_id, disclosure in ((other.pk, access.disclosure), (foreign.firm_id, foreign)):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]),
        ):
            DocumentAccess.objects.create(
                company=company,
                document=access.document,
                firm_id=firm_id,
                disclosure=disclosure,
                level="view",
                given_by=founder,
                given_at=NOW,
            )
    with (
        pytest.raises(ProgrammingError),
        database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]),
    ):
        PageView.objects.create(
            company=company, document=access.document, version=access.document.current, firm=access.firm,
            user=founder, reader="x", kind="opened", page=1, at=NOW,
        )  # fmt: skip


def test_a_row_of_a_wrong_pair_opens_nothing() -> None:
    """Whoever wrote it: the consent must be of this company to this firm."""
    access, foreign = AccessFactory(), DisclosureGrantFactory()
    wrong = AccessFactory(document=access.document, disclosure=foreign)
    assert rows_of(wrong.firm_id) == [0, 0, 0, 0]
    assert not Document.objects.open_to([wrong.firm_id], date.today()).exists()


def test_what_belongs_together_stays_together_in_the_database(access: DocumentAccess) -> None:
    other = DocumentFactory()
    for change in ({"folder": other.folder}, {"current": other.current}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=access.document_id).update(**change)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        DocumentVersion.objects.filter(document=access.document).update(sha256="f" * 64)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        DocumentAccess.objects.filter(pk=access.pk).update(level="download")


@pytest.mark.parametrize("name", ["home", "document"])
def test_the_firms_pages_cost_the_same_with_more_documents(name: str) -> None:
    first = AccessFactory()
    client = sign_in(Client(), investor_of(first.firm))
    address = (
        reverse("reading:home") if name == "home" else reverse("reading:document", args=[first.document_id])
    )
    client.get(address)
    counts = [cost_of(lambda: client.get(address))]
    for _each in range(2):
        AccessFactory(document__folder=first.document.folder, disclosure=first.disclosure)
    counts.append(cost_of(lambda: client.get(address)))
    assert counts[0] == counts[1] <= 12
