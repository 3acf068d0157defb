"""Why a row of an import was rejected, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from . import storage_csv
from .slurm_fields import REASONS


def gettext_noop(message: str) -> str:
    return message


# What only the database can know of a row; the rest is the reader's.
MORE_REASONS: Mapping[str, str] = {
    "other_cluster": gettext_noop("the row is of the cluster %(value)s"),
    "more_columns": gettext_noop("%(found)s columns instead of %(expected)s"),
    "charge_overflow": gettext_noop("the charge is larger than any job can be"),
}


def reason_text(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code of REASONS or MORE_REASONS, translated; the code itself when it is of neither."""
    template = REASONS.get(code) or storage_csv.REASONS.get(code) or MORE_REASONS.get(code)
    return gettext(template) % params if template else code
