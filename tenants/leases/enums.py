from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SpaceKind(TextChoices):
    ROOM = "room", _("Room")
    DESK = "desk", _("Fixed desk")


class LeaseState(TextChoices):
    DRAFT = "draft", pgettext_lazy("lease", "Draft")
    OFFERED = "offered", pgettext_lazy("lease", "Offered")
    SIGNED = "signed", pgettext_lazy("lease", "Signed")
    ACTIVE = "active", pgettext_lazy("lease", "Active")
    ENDED = "ended", pgettext_lazy("lease", "Ended")
    TERMINATED = "terminated", pgettext_lazy("lease", "Terminated early")


HELD_STATES = (LeaseState.SIGNED, LeaseState.ACTIVE, LeaseState.ENDED, LeaseState.TERMINATED)
"""States in which the days of the period are the company's: what a draft or an offer holds is nobody's yet."""

EXTENDABLE_STATES = (LeaseState.SIGNED, LeaseState.ACTIVE)
CLOSED_STATES = (LeaseState.ENDED, LeaseState.TERMINATED)


class ExtensionState(TextChoices):
    OPEN = "open", _("Under review")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class HandoverState(TextChoices):
    OPEN = "open", pgettext_lazy("handover", "Open")
    CLOSED = "closed", pgettext_lazy("handover", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("handover", "Called off")


class CheckBy(TextChoices):
    COMPANY = "company", _("The company")
    MANAGER = "manager", _("The camp office")


class CheckState(TextChoices):
    OPEN = "open", pgettext_lazy("check", "To do")
    DONE = "done", pgettext_lazy("check", "Done")
    WAIVED = "waived", pgettext_lazy("check", "Not needed")
