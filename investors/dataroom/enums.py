from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ScanState(TextChoices):
    """What the virus scanner said of a file."""

    NOT_CONFIGURED = "not_configured", _("Not scanned")
    WAITING = "waiting", _("Waits for the scanner")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")
    FAILED = "failed", _("The scanner did not answer")


# What a firm may open. Where no scanner is configured nothing is held back for want of one; the founder is told.
OPENABLE = (ScanState.NOT_CONFIGURED, ScanState.CLEAN)
UNDECIDED = (ScanState.WAITING, ScanState.FAILED)


class AccessLevel(TextChoices):
    VIEW = "view", _("View only")
    DOWNLOAD = "download", _("View and download")


class ViewKind(TextChoices):
    OPENED = "opened", _("Opened a page")
    STAYED = "stayed", _("Stayed on the page")
    DOWNLOADED = "downloaded", _("Downloaded")
    OFFICE = "office", _("Opened by the camp office")
