from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class MatchState(TextChoices):
    """What a manager made of a proposed pair."""

    PROPOSED = "proposed", _("Proposed")
    INTRODUCED = "introduced", _("Introduced")
    DISMISSED = "dismissed", _("Dismissed")


class IntroductionState(TextChoices):
    ASKED = "asked", _("Waiting for the company's consent")
    CONSENTED = "consented", _("Company agreed")
    DECLINED = "declined", _("Company declined")
    SENT = "sent", _("Introduced to the firm")
    MET = "met", _("Met")
    PASSED = "passed", _("Firm passed")
    INVESTED = "invested", _("Invested")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DisclosureItem(TextChoices):
    """What a company can open to one firm beyond its public profile."""

    CONTACT = "contact", _("Contact person and e-mail")
    REVENUE = "revenue", _("Yearly revenue")
    BUSINESS_NUMBER = "business_number", _("Business registration number")


# What a manager can record of an introduction that the company agreed to, in the order in which it happens.
OUTCOMES = (
    IntroductionState.SENT,
    IntroductionState.MET,
    IntroductionState.PASSED,
    IntroductionState.INVESTED,
)
