"""A consent that goes while a page is drawn, and versions that come at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from investors.dataroom import pages, reading, services
from investors.dataroom.models import Document
from investors.matching.models import DisclosureGrant
from investors.matching.services import withdraw_disclosure
from tests.concurrency.test_leases import all_at_once
from tests.factories.accounts import sign_in
from tests.factories.companies import founder_of
from tests.factories.dataroom import NOW, AccessFactory, DocumentFactory, blank_pdf, uploaded
from tests.factories.firms import investor_of

pytestmark = pytest.mark.django_db(transaction=True)


def withdrawing_while(access: Any) -> Any:
    """A drawing during which the founder, in a connection of their own, withdraws the consent."""
    founder, drawing = founder_of(access.company), pages.page_picture

    def withdraw() -> None:
        withdraw_disclosure(disclosure=access.disclosure, actor=founder, now=timezone.now())
        connections.close_all()

    def draw(*args: Any, **kwargs: Any) -> bytes:
        drawn = drawing(*args, **kwargs)
        with ThreadPoolExecutor(1) as other:
            other.submit(withdraw).result()
        return drawn

    return patch.object(pages, "page_picture", draw)


def test_a_page_that_was_drawn_when_the_consent_went_reaches_nobody() -> None:
    access = AccessFactory()
    client = sign_in(Client(), investor_of(access.firm))
    address = reverse("reading:picture", args=[access.document_id, 1])
    assert client.get(address).status_code == 200
    with withdrawing_while(access):
        assert client.get(address).status_code == 404
    assert client.get(address).status_code == 404
    assert client.get("/invest/documents/").context["documents"] == []
    # The control: without the second question the drawn page would have gone out.
    DisclosureGrant.objects.update(withdrawn_at=None)
    with withdrawing_while(access), patch.object(reading, "_demand_still_open", lambda *args, **kwargs: None):
        assert client.get(address).status_code == 200


def uploads(document: Document, count: int) -> list[Any]:
    people = [founder_of(document.company) for _each in range(count)]
    return [
        lambda actor=actor: services.add_version(
            document=document, file=uploaded(blank_pdf()), actor=actor, now=NOW
        )
        for actor in people
    ]


def test_versions_that_come_at_once_are_numbered_one_after_the_other() -> None:
    document = DocumentFactory()
    assert all_at_once(uploads(document, 3)) == {"done": 3}
    assert list(document.versions.values_list("number", flat=True)) == [4, 3, 2, 1]
    document.refresh_from_db()
    assert document.current.number == 4


def test_without_the_lock_the_constraint_keeps_the_numbers_apart() -> None:
    document = DocumentFactory()
    with patch.object(type(Document.objects.all()), "select_for_update", lambda found, **options: found):
        outcome = all_at_once(uploads(document, 3))
    numbers = list(document.versions.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == 1 + outcome["done"]
    assert set(outcome) <= {"done", "version_meanwhile"}
