"""A role reads the same things on its pages and through the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import models
from django.db.models.signals import post_init
from django.test import Client
from django.urls import reverse

from investors.matching.models import Introduction, Match
from tenants.companies.models import Company
from tenants.compute.models import Allocation, GrantRequest, UsageRecord
from tenants.consulting.models import Booking
from tenants.helpdesk.models import HelpRequest
from tenants.leases.models import Lease

from .personas import People, make_people
from .world import World, make_world

# For each role: the page that lists a record, and the name of its list in the API.
PAGES: dict[str, list[tuple[str, str, type[models.Model]]]] = {
    "owner": [
        ("companies:home", "company", Company),
        ("leases:home", "lease", Lease),
        ("consulting:sessions", "booking", Booking),
        ("compute:home", "grant", Allocation),
        ("compute:jobs", "usage-record", UsageRecord),
        ("compute:requests", "grant-request", GrantRequest),
        ("helpdesk:home", "request", HelpRequest),
        ("matching:home", "match", Match),
        ("matching:home", "introduction", Introduction),
    ],
    "investor": [
        ("invest:companies", "company", Company),
        ("invest:matches", "match", Match),
    ],
}
PAGES["outsider"] = PAGES["owner"]
PAGES["rival"] = PAGES["investor"]
# These pages leave out what is over and done, which machines may still ask for.
PARTS: dict[str, list[tuple[str, str, type[models.Model]]]] = {
    "investor": [("invest:schedule", "introduction", Introduction)],
    "adviser": [("advise:home", "booking", Booking)],
}
# What managers list in the admin and machines through the API.
ADMIN = {
    "company": "companies_company",
    "space": "leases_space",
    "lease": "leases_lease",
    "adviser": "consulting_adviser",
    "slot": "consulting_slot",
    "booking": "consulting_booking",
    "credit-account": "compute_creditaccount",
    "transfer": "compute_transfer",
    "grant": "compute_allocation",
    "grant-request": "compute_grantrequest",
    "usage-import": "compute_usageimport",
    "usage-record": "compute_usagerecord",
    "credit-hold": "compute_credithold",
    "storage-grant": "compute_storagegrant",
    "storage-level": "compute_storagelevel",
    "usage-alert": "compute_usagealert",
    "firm": "firms_firm",
    "match": "matching_match",
    "introduction": "matching_introduction",
    "outcome-report": "outcomes_kpireport",
    "request": "helpdesk_helprequest",
}


@contextmanager
def loading(model: type[models.Model]) -> Iterator[set[Any]]:
    """The ids of this model's records that anything loads from the database."""
    ids: set[Any] = set()

    def note(instance: models.Model, **kwargs: Any) -> None:
        if instance.pk is not None:
            ids.add(instance.pk)

    post_init.connect(note, sender=model, weak=False)
    try:
        yield ids
    finally:
        post_init.disconnect(note, sender=model)


def _from_api(client: Client, name: str) -> set[Any]:
    ids: set[Any] = set()
    url: str | None = reverse(f"api:{name}-list")
    while url:
        page = client.get(url).json()
        ids |= {each["id"] for each in page["results"]}
        url = page["next"]
    return ids


@pytest.fixture
def world(db: None) -> World:
    return make_world(visible=False)


@pytest.fixture
def people(world: World) -> People:
    return make_people(world)


@pytest.mark.parametrize("persona", PAGES)
def test_page_and_api_list_the_same(persona: str, people: People) -> None:
    client = people.client(persona)
    for page, name, model in PAGES[persona]:
        with loading(model) as shown:
            assert client.get(reverse(page)).status_code == 200
        listed = _from_api(client, name)
        assert (page, shown) == (page, listed)


@pytest.mark.parametrize("persona", PARTS)
def test_a_page_of_what_goes_on_shows_nothing_that_the_api_hides(persona: str, people: People) -> None:
    client = people.client(persona)
    for page, name, model in PARTS[persona]:
        with loading(model) as shown:
            assert client.get(reverse(page)).status_code == 200
        assert shown - _from_api(client, name) == set()


def test_admin_and_api_list_the_same(people: People) -> None:
    client = people.client("director")
    for name, label in ADMIN.items():
        shown = client.get(reverse(f"admin:{label}_changelist")).context["cl"].queryset
        listed = _from_api(client, name)
        assert listed, name
        assert (name, set(shown.values_list("pk", flat=True))) == (name, listed)
