"""Runs, matches, introductions and consents, each in an ordinary state."""

from datetime import UTC, date, datetime
from typing import Any

import factory
import pgtrigger
from django.db import transaction
from factory.django import DjangoModelFactory

from investors.matching.consent import TEXT_VERSION
from investors.matching.enums import DisclosureItem, IntroductionState, RunState
from investors.matching.models import DisclosureGrant, Introduction, Match, MatchRun

from .accounts import UserFactory
from .companies import CompanyFactory
from .firms import FirmFactory

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FAR_DAY = date(2099, 12, 31)
COMPONENTS = [
    {
        "key": "sector",
        "weight": 7000,
        "value": 10000,
        "contribution": 7000,
        "company_fact": "healthcare",
        "firm_fact": "healthcare,robotics",
    },
    {
        "key": "stage",
        "weight": 3000,
        "value": 5000,
        "contribution": 1500,
        "company_fact": "seed",
        "firm_fact": "pre_a",
    },
]


class MatchRunFactory(DjangoModelFactory):
    """A draft whose result is optimal."""

    class Meta:
        model = MatchRun

    run_at = NOW
    weights_version = "2026-1"
    minimum = 3
    objective = 8500
    bound = 8500
    input_hash = "a" * 64
    result_hash = "b" * 64
    solver = "highspy"


class PublishedRunFactory(MatchRunFactory):
    state = RunState.PUBLISHED
    published_at = NOW

    class Meta:
        model = MatchRun
        django_get_or_create = ("state",)


class MatchFactory(DjangoModelFactory):
    """A published pair: a company that agreed to be seen, and a firm."""

    class Meta:
        model = Match

    run = factory.SubFactory(PublishedRunFactory)
    company = factory.SubFactory(CompanyFactory, visible_to_investors=True)
    firm = factory.SubFactory(FirmFactory)
    score = 8500
    components = factory.LazyFunction(lambda: [dict(part) for part in COMPONENTS])
    missing = factory.LazyFunction(lambda: ["age"])
    published = True

    @classmethod
    def _create(cls, *args: Any, **kwargs: Any) -> Match:
        """As if it had been there before its run was published."""
        with pgtrigger.ignore("matching.Match:frozen_insert"), transaction.atomic():
            return super()._create(*args, **kwargs)


class IntroductionFactory(DjangoModelFactory):
    """Waits for the consent of the match's company, to show its contact and revenue."""

    class Meta:
        model = Introduction

    match = factory.SubFactory(MatchFactory)
    company = factory.SelfAttribute("match.company")
    firm = factory.SelfAttribute("match.firm")
    items = factory.LazyFunction(lambda: [DisclosureItem.CONTACT, DisclosureItem.REVENUE])
    until = FAR_DAY
    message = "귀사의 의료 영상 기술을 보고 싶어 합니다."
    made_by = factory.SubFactory(UserFactory)
    made_at = NOW
    changed_at = NOW


class DisclosureGrantFactory(DjangoModelFactory):
    """A live consent, with its introduction agreed to."""

    class Meta:
        model = DisclosureGrant

    introduction = factory.SubFactory(IntroductionFactory, state=IntroductionState.CONSENTED, answered_at=NOW)
    company = factory.SelfAttribute("introduction.company")
    firm = factory.SelfAttribute("introduction.firm")
    items = factory.SelfAttribute("introduction.items")
    text_version = TEXT_VERSION
    text = "동의문"
    granted_by = factory.SubFactory(UserFactory)
    granted_at = NOW
    since = date(2026, 11, 22)
    until = FAR_DAY
