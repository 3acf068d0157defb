"""How complete a company's profile is, in the words that the company reads."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Company

_PARTS: tuple[tuple[str, Any], ...] = (
    ("summary", _("what you do")),
    ("sectors", _("sectors")),
    ("ask_krw", _("investment sought")),
    ("homepage", _("homepage")),
    ("name_en", _("English name")),
    ("founded_on", _("day of founding")),
    ("employees", _("number of employees")),
    ("picture", _("picture")),
)


@dataclass(frozen=True)
class Completeness:
    filled: int
    total: int
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing

    def __str__(self) -> str:
        if self.complete:
            return str(_("Your profile is complete."))
        return ngettext(
            "Your profile is nearly complete. Missing: %(missing)s.",
            "%(count)s parts of your profile are missing: %(missing)s.",
            len(self.missing),
        ) % {"count": len(self.missing), "missing": ", ".join(self.missing)}


def completeness_of(company: Company) -> Completeness:
    """The parts that readers look for, and which of them the company has not filled yet. Costs no query."""
    missing = tuple(str(label) for field, label in _PARTS if not getattr(company, field))
    return Completeness(len(_PARTS) - len(missing), len(_PARTS), missing)
