from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AccountKind(TextChoices):
    """What an account of the ledger stands for."""

    SUPPLY = "supply", _("Data centre")
    POOL = "pool", _("Pool of a period")
    LOT = "lot", _("Grant")
    USAGE = "usage", _("Used")
    DEBT = "debt", _("Used beyond the grants")
    SUSPENSE = "suspense", _("Used by an unknown account")


# Only these go below zero: where credits come from, and usage that has happened and nobody granted.
OVERDRAWN_KINDS = (AccountKind.SUPPLY, AccountKind.DEBT, AccountKind.SUSPENSE)


class TransferKind(TextChoices):
    SUPPLY = "supply", _("Supply")
    GRANT = "grant", _("Grant")
    USAGE = "usage", _("Usage")
    CORRECTION = "correction", _("Correction")
    CLAW_BACK = "claw_back", _("Claw-back")
    LOT_MOVE = "lot_move", _("Move between grants")
    EXPIRY = "expiry", _("Returned at the end")
    SETTLEMENT = "settlement", _("Settlement of a debt")
    REVERSAL = "reversal", _("Reversal")


class AllocationState(TextChoices):
    ACTIVE = "active", _("Granted")
    CLOSED = "closed", _("Closed")


class ImportSource(TextChoices):
    SLURM = "slurm", _("Slurm (sacct)")
    SERVERS = "servers", _("Assigned servers (CSV)")
    STORAGE = "storage", _("Storage levels (CSV)")


class RecordKind(TextChoices):
    JOB = "job", _("Job")
    SERVER = "server", _("Assigned server")


class HoldOutcome(TextChoices):
    """A hold is open until it is released, or until its time is over."""

    OPEN = "open", _("Held")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Timed out")


class ImportState(TextChoices):
    WAITING = "waiting", _("Waiting")
    IMPORTED = "imported", _("Imported")
    FAILED = "failed", _("Failed")


class AlertSubject(TextChoices):
    CREDITS = "credits", _("Compute credits")
    STORAGE = "storage", _("Storage")


class AlertThreshold(TextChoices):
    """How much of what is granted is used; FORECAST: it will run out before the grants end."""

    HALF = "50", _("50% used")
    MOST = "80", _("80% used")
    NEARLY = "95", _("95% used")
    ALL = "100", _("all used")
    FORECAST = "forecast", _("runs out before the end")


class ControlSource(TextChoices):
    """Where an independent total of usage comes from."""

    SREPORT = "sreport", _("Slurm (sreport)")
    CSV = "csv", _("Total of the file itself")


class SyncState(TextChoices):
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class LimitOutcome(TextChoices):
    """What became of one account's limits."""

    WRITTEN = "written", _("Written")
    PLANNED = "planned", _("Would be written")
    UNCHANGED = "unchanged", _("Unchanged")
    FAILED = "failed", _("Failed")


class HoldPhase(TextChoices):
    """A running job holds credits; a pending one holds none yet."""

    PENDING = "pending", _("Waiting to start")
    RUNNING = "running", _("Running")


class RequestState(TextChoices):
    """AGREED: one of the two people agreed that a large grant needs."""

    ASKED = "asked", _("Under review")
    AGREED = "agreed", _("One of two agreed")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_REQUEST_STATES = (RequestState.ASKED, RequestState.AGREED)


class NoticeState(TextChoices):
    """What became of the notice that unused credits will be taken back."""

    OPEN = "open", _("Notice given")
    EXEMPTION_ASKED = "exempting", _("Exemption asked for")
    EXEMPTED = "exempted", _("Exempted")
    CARRIED_OUT = "carried", _("Taken back")
    CANCELLED = "cancelled", _("Cancelled")


class WarningKind(TextChoices):
    EARLY = "early", _("First warning")
    LATE = "late", _("Last warning")


class MailEvent(TextChoices):
    """What the members of a company are told by e-mail, each of them once."""

    REQUEST_DECIDED = "decided", _("Request decided")
    LOT_WARNING = "warning", _("Grant ends soon")
    NOTICE_SENT = "notice", _("Claw-back announced")
    EXEMPTION_DECIDED = "exemption", _("Exemption decided")
    CARRIED_OUT = "carried", _("Credits taken back")


JOB_STATES = {
    "COMPLETED": ("done", _("Completed")),
    "FAILED": ("attention", _("Failed")),
    "TIMEOUT": ("attention", _("Over its time limit")),
    "OUT_OF_MEMORY": ("attention", _("Out of memory")),
    "NODE_FAIL": ("attention", _("Node failed")),
    "CANCELLED": ("refused", _("Cancelled")),
    "PREEMPTED": ("refused", _("Preempted")),
    "REQUEUED": ("refused", _("Queued again")),
    "DEADLINE": ("refused", _("Missed its deadline")),
}
