"""A founder decides who may see what, and reads what was looked at; the camp office looks only for a reason."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.audit.models import AccessEvent
from investors.dataroom import services
from investors.dataroom.models import DocumentAccess, PageView
from investors.dataroom.viewing import Viewing
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import founder_of
from tests.factories.dataroom import NOW, AccessFactory, DocumentFactory, FolderFactory
from tests.factories.firms import investor_of
from tests.factories.matching import DisclosureGrantFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


def text_of(client: Client, address: str) -> str:
    answer = client.get(address, headers=EN)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["home", "access", "access_of", "as_firm", "document", "views"])
def test_the_founders_pages_cost_the_same_with_more_of_everything(name: str) -> None:
    access = AccessFactory()
    client = sign_in(Client(), founder_of(access.company))
    args = {
        "access_of": [access.disclosure_id],
        "as_firm": [access.disclosure_id],
        "document": [access.document_id],
    }
    address = reverse(f"dataroom:{name}", args=args.get(name, []))
    opened(access, seconds_later=0)
    counts = [cost(client, address)]
    for _each in range(2):
        other = DisclosureGrantFactory(introduction__match__company=access.company)
        more = AccessFactory(document__folder__company=access.company, disclosure=other)
        AccessFactory(document=access.document, disclosure=other)
        opened(more, seconds_later=3)
    counts.append(cost(client, address))
    assert counts[0] == counts[1] <= 12


def test_the_matrix_gives_changes_and_takes_access() -> None:
    consent = DisclosureGrantFactory(introduction__match__company__visible_to_investors=True)
    folder = FolderFactory(company=consent.company)
    first, second = DocumentFactory(folder=folder), DocumentFactory(folder=folder)
    client = sign_in(Client(), founder_of(consent.company))
    address = reverse("dataroom:access_of", args=[consent.pk])
    until = timezone.localdate() + timedelta(days=9)

    def send(**values: Any) -> Any:
        return client.post(
            address, {key.replace("_", "-"): value for key, value in values.items()}, headers=EN
        )

    one, two = f"d{first.pk}_", f"d{second.pk}_"
    past = timezone.localdate() - timedelta(days=1)
    refused = send(**{f"{one}level": "view", f"{two}level": "view", f"{two}until": past})
    assert "The day is over already." in refused.content.decode()
    assert not DocumentAccess.objects.exists()  # all or nothing
    assert send(**{f"{one}level": "view", f"{two}level": "download", f"{two}until": until}).status_code == 302
    assert set(DocumentAccess.objects.values_list("document", "level", "until")) == {
        (first.pk, "view", None),
        (second.pk, "download", until),
    }
    assert send(**{f"{one}level": "view", f"{two}level": ""}).status_code == 302
    assert list(DocumentAccess.objects.filter(withdrawn_at=None).values_list("document", flat=True)) == [
        first.pk
    ]
    assert DocumentAccess.objects.count() == 2  # what was given stays written
    shown = text_of(client, reverse("dataroom:as_firm", args=[consent.pk]))
    assert first.title in shown
    assert second.title not in shown
    preview = reverse("dataroom:as_firm_picture", args=[consent.pk, first.pk, 1])
    assert client.get(preview)["Content-Type"] == "image/webp"
    assert client.get(reverse("dataroom:as_firm_picture", args=[consent.pk, second.pk, 1])).status_code == 404


def test_a_firm_without_a_live_consent_is_in_no_matrix() -> None:
    consent = DisclosureGrantFactory(withdrawn_at=NOW)
    DocumentFactory(folder__company=consent.company)
    client = sign_in(Client(), founder_of(consent.company))
    assert consent.firm.name not in text_of(client, reverse("dataroom:access"))
    assert client.get(reverse("dataroom:access_of", args=[consent.pk])).status_code == 404
    foreign = DisclosureGrantFactory()
    assert client.get(reverse("dataroom:access_of", args=[foreign.pk])).status_code == 404


def test_folders_are_named_once_and_removed_when_empty() -> None:
    document = DocumentFactory()
    client = sign_in(Client(), founder_of(document.company))
    again = client.post(reverse("dataroom:home"), {"name": document.folder.name}, headers=EN)
    assert "There is a folder of this name already." in again.content.decode()
    remove = reverse("dataroom:remove_folder", args=[document.folder_id])
    assert "still holds documents" in client.post(remove, headers=EN, follow=True).content.decode()
    other = FolderFactory(company=document.company)
    moved = {"title": "다른 제목", "folder": other.pk}
    client.post(reverse("dataroom:change", args=[document.pk]), moved)
    assert client.post(remove).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.folder_id) == ("다른 제목", other.pk)
    assert not type(other).objects.filter(pk=remove.split("/")[-3]).exists()


# --- what was looked at


def opened(
    access: DocumentAccess, *, seconds_later: int, page: int = 1, user: Any = None, viewing: Any = None
) -> Any:
    viewing = viewing or uuid4()
    services.record_opened(
        viewing=viewing,
        version_id=access.document.current_id,
        firm_id=access.firm_id,
        user_id=(user or access.given_by).pk,
        reader="김심사",
        page=page,
        at=NOW + timedelta(seconds=seconds_later),
    )
    return viewing


def stayed(access: DocumentAccess, viewing: Any, seconds_later: int) -> None:
    services.record_stayed(
        viewing=viewing, user_id=access.given_by_id, at=NOW + timedelta(seconds=seconds_later)
    )


def spent() -> dict[int, int]:
    found: dict[int, int] = {}
    for look in PageView.objects.all():
        found[look.page] = found.get(look.page, 0) + look.seconds
    return found


def test_seconds_come_from_signs_of_life_and_from_the_next_page() -> None:
    access = AccessFactory()
    first = opened(access, seconds_later=0)
    stayed(access, first, 10)
    stayed(access, first, 20)
    opened(access, seconds_later=27, page=2)  # no sign of life comes from this one: no JavaScript
    opened(access, seconds_later=87, page=3)
    assert spent() == {1: 27, 2: 60, 3: 0}


def test_nobody_looks_longer_than_time_passes_nor_for_ever() -> None:
    access = AccessFactory()
    viewing = opened(access, seconds_later=0)
    for later in (
        1,
        2,
        3,
        10,
        10,
        11,
        12,
    ):  # a page that signs too often, and the queue that hands over twice
        stayed(access, viewing, later)
    assert spent() == {1: 10}
    stayed(access, viewing, 3600)  # it lay open in another window
    assert spent() == {1: 25}
    opened(access, seconds_later=3600 * 8, page=2)
    assert spent() == {1: 25, 2: 0}
    opened(access, seconds_later=3600 * 8 + 900, page=3)
    assert spent()[2] == services.MOST_WITHOUT_SIGNS


def test_the_same_message_twice_is_one_look_and_nothing_of_it_changes_later() -> None:
    access = AccessFactory()
    viewing = opened(access, seconds_later=0)
    opened(access, seconds_later=0, viewing=viewing)
    assert PageView.objects.count() == 1
    for change in (lambda: PageView.objects.update(seconds=100), lambda: PageView.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            change()


def test_a_page_that_is_opened_is_written_down_for_the_founder(
    django_capture_on_commit_callbacks: Any,
) -> None:
    access = AccessFactory()
    reader = investor_of(access.firm, name="김심사")
    client = sign_in(Client(), reader)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.get(reverse("reading:document", args=[access.document_id]))
        token = page.context["token"]
        picture = reverse("reading:picture", args=[access.document_id, 1])
        assert client.get(f"{picture}?v={token}").status_code == 200
        assert client.head(picture).status_code == 200  # nothing came to anyone's eyes
        assert client.get(reverse("reading:sign", args=[token])).status_code == 204
    look = PageView.objects.get()  # the sign came within the first seconds and counts for nothing
    assert (look.user, look.firm, look.page, look.reader) == (reader, access.firm, 1, "김심사")
    assert AccessEvent.objects.filter(
        user=reader, task__contains=f"document {access.document_id} v1 page 1"
    ).exists()
    founder = sign_in(Client(), founder_of(access.company))
    for address in (reverse("dataroom:views"), reverse("dataroom:document", args=[access.document_id])):
        shown = text_of(founder, address)
        assert access.firm.name in shown
        assert "김심사" in shown
        assert reader.email not in shown


def test_a_token_is_its_readers_alone_and_ends_with_the_access() -> None:
    access = AccessFactory()
    reader, colleague = investor_of(access.firm), investor_of(access.firm)
    viewing = Viewing.begin(
        version_id=access.document.current_id, page=1, user_id=reader.pk, firm_id=access.firm_id
    )
    sign = reverse("reading:sign", args=[viewing.token])
    assert sign_in(Client(), reader).get(sign).status_code == 204
    assert sign_in(Client(), colleague).get(sign).status_code == 404
    assert sign_in(Client(), investor_of(AccessFactory().firm)).get(sign).status_code == 404
    assert Client().get(sign).status_code == 302  # signed out: asked to sign in
    DocumentAccess.objects.filter(pk=access.pk).update(withdrawn_at=NOW)
    assert sign_in(Client(), reader).get(sign).status_code == 404


# --- the camp office


def test_a_manager_opens_a_file_only_for_a_reason_that_the_company_reads() -> None:
    access = AccessFactory()
    client = sign_in(Client(), staff_member(StaffGroup.MATCHING, name="이담당"))
    address = reverse("admin:dataroom_document_open_file", args=[access.document_id])
    assert client.post(address, {"reason": "  "}).status_code == 200
    assert not PageView.objects.exists()
    answer = client.post(address, {"reason": "신고된 문서 확인"})
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert AccessEvent.objects.filter(task__contains="신고된 문서 확인").exists()
    founder = sign_in(Client(), founder_of(access.company))
    shown = text_of(founder, reverse("dataroom:views"))
    assert "신고된 문서 확인" in shown
    assert "이담당" in shown
    for group in (StaffGroup.LEASES, StaffGroup.AUDITOR):
        other = sign_in(Client(), staff_member(group))
        assert other.post(address, {"reason": "x"}).status_code == 403
    assert PageView.objects.count() == 1
