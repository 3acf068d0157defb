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
