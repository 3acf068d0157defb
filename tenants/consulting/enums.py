from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Affiliation(TextChoices):
    """What kind of house an adviser comes from."""

    LAW_FIRM = "law_firm", _("Law firm")
    PATENT_FIRM = "patent_firm", _("Patent firm")
    ACCOUNTING_FIRM = "accounting_firm", _("Accounting firm")
    VC = "vc", _("VC")
    AC = "ac", _("AC")
    UNIVERSITY = "university", _("University")
    CORPORATION = "corporation", _("Large company")
    PUBLIC_BODY = "public_body", _("Public body")
    OTHER = "other", _("Other affiliation")


class AdviceField(TextChoices):
    """What an adviser advises on."""

    PATENTS = "patents", _("Patents")
    GLOBAL = "global", _("Going abroad")
    FUNDRAISING = "fundraising", _("Fundraising")
    AI = "ai", _("AI technology")
    LEGAL = "legal", _("Legal matters")
    HR = "hr", _("Human resources")
    MARKETING = "marketing", _("Marketing")
    ACCOUNTING = "accounting", _("Accounting")


class Language(TextChoices):
    KOREAN = "ko", _("Korean")
    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")
    JAPANESE = "ja", _("Japanese")


class Weekday(TextChoices):
    MONDAY = "1", _("Monday")
    TUESDAY = "2", _("Tuesday")
    WEDNESDAY = "3", _("Wednesday")
    THURSDAY = "4", _("Thursday")
    FRIDAY = "5", _("Friday")
    SATURDAY = "6", _("Saturday")
    SUNDAY = "7", _("Sunday")


class SlotState(TextChoices):
    OPEN = "open", _("On offer")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class BookingState(TextChoices):
    """All but cancelled are live: they hold the slot, the attendee's time and the company's hours."""

    BOOKED = "booked", _("Booked")
    HELD = "held", _("Took place")
    MISSED = "missed", _("Did not take place")
    CANCELLED = "cancelled", _("Cancelled")


class Side(TextChoices):
    COMPANY = "company", _("Company")
    ADVISER = "adviser", _("Adviser")
    OFFICE = "office", _("Camp office")
