"""What a sync of limits warns of, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def gettext_noop(message: str) -> str:
    return message


LIMIT_WARNINGS: Mapping[str, str] = {
    "decay": gettext_noop(
        "The scheduler forgets usage (PriorityDecayHalfLife is not 0): spent limits fill up again between syncs."
    ),
    "usage_reset": gettext_noop(
        "The scheduler starts counting anew (PriorityUsageResetPeriod is not NONE): spent limits fill up again then."
    ),
    "not_multifactor": gettext_noop(
        "The scheduler counts no usage (PriorityType is not priority/multifactor): no limit holds."
    ),
    "not_enforced": gettext_noop(
        "The scheduler enforces no limits (AccountingStorageEnforce has no limits): they are written and nobody obeys."
    ),
    "not_safe": gettext_noop(
        "Jobs start that their limit cannot carry to the end (AccountingStorageEnforce has no safe), and are killed late."
    ),
    "missing_account": gettext_noop("The account is not on the cluster."),
    "not_counted": gettext_noop("The scheduler says no usage of the account; its limits were left alone."),
    "bad_name": gettext_noop(
        "The account's name has signs that no command may carry; its limits were left alone."
    ),
    "hand_edit": gettext_noop(
        "Somebody changed the limit of %(resource)s by hand: it was %(written)s, and %(found)s stood there."
    ),
    "opened_by_hand": gettext_noop("Somebody opened the account by hand, and it has no grant."),
    "closed_by_hand": gettext_noop(
        "Somebody closed the account by hand (GrpSubmitJobs=0); it was left closed."
    ),
}


def warning_text(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a warning, translated; the code itself when it is of a newer version."""
    template = LIMIT_WARNINGS.get(code)
    return gettext(template) % params if template else code
