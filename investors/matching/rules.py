"""Who may match, introduce and consent. A match opens data only by the company's own consent."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup
from tenants.companies.models import Company

from .models import DisclosureGrant, Introduction


def may_match(user: Any) -> bool:
    """Managers of matching run, publish, dismiss, introduce and record what came of it."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.MATCHING) and not acting.read_only


def may_answer(user: Any, introduction: Introduction) -> bool:
    """Only people of the company itself."""
    return introduction.company_id in acting_of(user).company_ids


def may_withdraw(user: Any, disclosure: DisclosureGrant) -> bool:
    """People of the company; a manager records a withdrawal that came by other ways."""
    return disclosure.company_id in acting_of(user).company_ids or may_match(user)


def may_speak_for(user: Any, company: Company) -> bool:
    """People of the company who may still write say what it wishes and what stands between it and a firm."""
    acting = acting_of(user)
    return company.pk in acting.company_ids and not acting.read_only
