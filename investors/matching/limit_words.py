"""The words for what keeps pairs apart, and for why a pair that may meet was not matched."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.optimise.assignment import OUT_OF_REACH

from .enums import ConflictKind
from .words import CONFLICTS

LIMITS: Mapping[str, Any] = {
    **{kind.value: kind.label for kind in ConflictKind},
    **CONFLICTS,
    "company_says_no": gettext_lazy("The company does not want to meet this firm"),
    "firm_says_no": gettext_lazy("The firm does not want to meet this company"),
    "company_declined": gettext_lazy("The company declined an introduction of late"),
    "firm_declined": gettext_lazy("The firm passed after an introduction of late"),
    "takes_no_part": gettext_lazy("The company does not want to be matched"),
    "not_seen": gettext_lazy("The company has not agreed to be seen by investors"),
    "removed": gettext_lazy("Taken out by a manager"),
}
WHY: Mapping[str, Any] = {
    "capacity": gettext_lazy("The firm is full, with better pairs"),
    "better_pair": gettext_lazy("Better pairs exist"),
    "minimum_of_another": gettext_lazy("A seat of the firm serves the minimum of another company"),
}


def limits_in_words(codes: str) -> list[Any]:
    """Every reason of a pair that is kept apart."""
    return [LIMITS.get(code, code) for code in codes.split(",") if code]


def lacking_in_words(needs: int) -> str:
    """The points that a pair lacks, as people read scores."""
    if needs >= OUT_OF_REACH:
        return _("no score would be enough")
    if not needs:
        return _("nothing: an equal pair won the draw")
    return _("at least %(points)s points") % {"points": f"{Decimal(needs) / 10_000:.4f}"}
