from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SpaceKind(TextChoices):
    ROOM = "room", _("Room")
    DESK = "desk", _("Fixed desk")


class LeaseState(TextChoices):
    DRAFT = "draft", _("Draft")
    OFFERED = "offered", _("Offered")
    SIGNED = "signed", _("Signed")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    TERMINATED = "terminated", _("Terminated early")


HELD_STATES = (LeaseState.SIGNED, LeaseState.ACTIVE, LeaseState.ENDED, LeaseState.TERMINATED)
"""States in which the days of the period are the company's: what a draft or an offer holds is nobody's yet."""

EXTENDABLE_STATES = (LeaseState.SIGNED, LeaseState.ACTIVE)
CLOSED_STATES = (LeaseState.ENDED, LeaseState.TERMINATED)


class ExtensionState(TextChoices):
    OPEN = "open", _("Under review")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
