"""The words under which a company opens items to a firm. A change of the words is a new TEXT_VERSION."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from incubator.common.display import day

from .enums import DisclosureItem

TEXT_VERSION = "2026-11"


@dataclass(frozen=True)
class Term:
    label: str
    text: str


def consent_terms(*, company_name: str, firm_name: str, items: Iterable[str], until: date) -> list[Term]:
    """Recipient, purpose, items, retention and the right to refuse, in the reader's language."""
    return [
        Term(_("Recipient"), firm_name),
        Term(
            _("Purpose"),
            _("To consider an investment in %(company)s and to arrange a first meeting.")
            % {"company": company_name},
        ),
        Term(_("Items"), ", ".join(str(DisclosureItem(code).label) for code in items)),
        Term(
            _("Retention"),
            _("The firm may see the items until %(day)s and deletes what it has kept of them then.")
            % {"day": day(until)},
        ),
        Term(
            _("Your right to refuse"),
            _(
                "You may refuse, and you may withdraw at any time. Neither has any effect on your stay, lease, credits"
                " or sessions. Without consent the firm sees only your public profile."
            ),
        ),
    ]


def consent_text(*, company_name: str, firm_name: str, items: Iterable[str], until: date) -> str:
    """The terms as they are kept with the consent."""
    terms = consent_terms(company_name=company_name, firm_name=firm_name, items=items, until=until)
    return "\n".join(f"{term.label}: {term.text}" for term in terms)
