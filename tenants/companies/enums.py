from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MemberLevel(TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")


class ResidencyState(TextChoices):
    ADMITTED = "admitted", _("Admitted")
    RESIDENT = "resident", _("Resident")
    GRADUATED = "graduated", _("Graduated")
    LEFT_EARLY = "left_early", _("Left early")


LIVE_RESIDENCIES = (ResidencyState.ADMITTED, ResidencyState.RESIDENT)


class AlumniOutcome(TextChoices):
    """What became of a company after its stay."""

    OPERATING = "operating", _("In business")
    ACQUIRED = "acquired", _("Acquired")
    LISTED = "listed", _("Listed")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed down")
    UNKNOWN = "unknown", _("Not known")


class AskBand(TextChoices):
    """The investment sought, as far as a teaser tells it."""

    NONE = "none", _("none named")
    LEAST = "lt1", _("under 100 million won")
    SMALL = "1to5", _("100 to 500 million won")
    MIDDLE = "5to20", _("0.5 to 2 billion won")
    LARGE = "20to50", _("2 to 5 billion won")
    MOST = "50up", _("5 billion won or more")


class PeopleBand(TextChoices):
    """The number of employees, as far as a teaser tells it."""

    FEW = "lt5", _("fewer than 5")
    SMALL = "5to9", _("5 to 9")
    MIDDLE = "10to29", _("10 to 29")
    MANY = "30up", _("30 or more")
