from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ClockKind(TextChoices):
    LEASE_END = "lease_end", pgettext_lazy("clock", "End of the lease")
    EXTENSION_ASK = "extension", pgettext_lazy("clock", "Last day to ask for an extension")
    EXTENSION_DECISION = "decision", pgettext_lazy("clock", "Decision on an extension")
    AGE_LIMIT = "age_limit", pgettext_lazy("clock", "Company age limit")
    DUTY = "duty", pgettext_lazy("clock", "Duty")
    REPORT = "report", pgettext_lazy("clock", "Outcome report")
    REGISTRATION = "registration", pgettext_lazy("clock", "Business registration")
    CREDITS = "credits", pgettext_lazy("clock", "End of credits")


class Responsible(TextChoices):
    COMPANY = "company", pgettext_lazy("responsible", "Company")
    CAMP = "camp", pgettext_lazy("responsible", "Camp office")


class Audience(TextChoices):
    OWNER = "owner", pgettext_lazy("audience", "The company's owners")
    MEMBERS = "members", pgettext_lazy("audience", "All members of the company")


class Stage(IntegerChoices):
    """How many days ahead a reminder goes out."""

    QUARTER = 90, "D-90"
    TWO_MONTHS = 60, "D-60"
    MONTH = 30, "D-30"
    WEEK = 7, "D-7"


class DutyState(TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("duty", "Waits for confirmation")
    CONFIRMED = "confirmed", pgettext_lazy("duty", "Confirmed")
    REFUSED = "refused", pgettext_lazy("duty", "Not accepted")


class RegistrationStatus(TextChoices):
    ACTIVE = "active", pgettext_lazy("business", "In business")
    SUSPENDED = "suspended", pgettext_lazy("business", "Suspended")
    CLOSED = "closed", pgettext_lazy("business", "Closed down")
    UNKNOWN = "unknown", pgettext_lazy("business", "Not registered")


class CheckSource(TextChoices):
    MANAGER = "manager", _("Entered by a manager")
    SERVICE = "service", _("National Tax Service")
