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


class Equipment(TextChoices):
    """What a space may be furnished with. Whatever is not listed is told in the space's note."""

    DESK = "desk", _("Desks and chairs")
    WHITEBOARD = "whiteboard", _("Whiteboard")
    SCREEN = "screen", _("Screen or projector")
    VIDEO = "video", _("Video conferencing")
    NETWORK = "network", _("Wired network")
    SERVER_RACK = "server_rack", _("Server rack")
    AIR = "air", _("Air conditioning of its own")
    WINDOW = "window", _("Window")
    STORAGE = "storage", _("Cupboard or locker")
    SINK = "sink", _("Sink")
    LOCK = "lock", _("Electronic lock")
    ACCESSIBLE = "accessible", _("Step-free access")


class Condition(TextChoices):
    GOOD = "good", pgettext_lazy("space", "In good order")
    REPAIR = "repair", pgettext_lazy("space", "Needs repair")
    CLOSED = "closed", pgettext_lazy("space", "Closed")


class BlockKind(TextChoices):
    REPAIR = "repair", pgettext_lazy("blocked", "Repair")
    EVENT = "event", pgettext_lazy("blocked", "Event")
    CLOSED = "closed", pgettext_lazy("blocked", "Closed")
