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


class HoldPhase(TextChoices):
    """A running job holds credits; a pending one holds none yet."""

    PENDING = "pending", _("Waiting to start")
    RUNNING = "running", _("Running")


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
