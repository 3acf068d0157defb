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


class LeaseStep(TextChoices):
    """What a row of a lease's history was; several happen without a change of state."""

    DRAFTED = "drafted", pgettext_lazy("lease", "Drawn up")
    OFFERED = "offered", pgettext_lazy("lease", "Offered")
    REVISED = "revised", pgettext_lazy("lease", "Terms changed")
    COMPANY_SIGNED = "company", pgettext_lazy("lease", "Signed by the company")
    COUNTERSIGNED = "countersign", pgettext_lazy("lease", "Countersigned by the camp")
    PAPER = "paper", pgettext_lazy("lease", "Signed on paper")
    RECORDED = "recorded", pgettext_lazy("lease", "Recorded")
    BEGUN = "begun", pgettext_lazy("lease", "Begun")
    EXTENDED = "extended", pgettext_lazy("lease", "Extended")
    END_AGREED = "end_agreed", pgettext_lazy("lease", "Earlier end agreed")
    NOTICE = "notice", pgettext_lazy("lease", "Notice of termination given")
    NOTICE_BACK = "notice_back", pgettext_lazy("lease", "Earlier end taken back")
    MOVED = "moved", pgettext_lazy("lease", "Moved")
    SWAPPED = "swapped", pgettext_lazy("lease", "Swapped")
    ENDED = "ended", pgettext_lazy("lease", "Ended")
    TERMINATED = "terminated", pgettext_lazy("lease", "Terminated early")
    CORRECTED = "corrected", pgettext_lazy("lease", "Record corrected")
    HELD_OVER = "held_over", pgettext_lazy("lease", "Stayed after the end")
    HOLDOVER_OVER = "cleared", pgettext_lazy("lease", "Stay after the end is over")


class SigningSide(TextChoices):
    COMPANY = "company", _("Company")
    CAMP = "camp", _("Camp office")


class EndingKind(TextChoices):
    ASKED = "asked", _("Asked by the company")
    NOTICE = "notice", _("Notice by the camp")


class EndingState(TextChoices):
    OPEN = "open", _("Under review")
    AGREED = "agreed", pgettext_lazy("ending", "In force")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class HoldoverOutcome(TextChoices):
    LEFT = "left", _("The space is clear")
    RENEWED = "renewed", _("A new lease goes on from here")


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
