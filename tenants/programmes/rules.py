"""Who may do what in programmes."""

from typing import Any

from incubator.accounts.acting import acting_of
from tenants.companies.rules import is_of
from tenants.consulting.rules import is_office

from .models import Programme


def may_manage(user: Any) -> bool:
    """The managers of consulting and the director. None is the system."""
    return is_office(user) and not acting_of(user).read_only


def may_teach(user: Any, programme: Programme) -> bool:
    """Who takes attendance and hands material out: the teacher, or the office for anyone."""
    adviser_id = acting_of(user).adviser_id
    return may_manage(user) or (adviser_id is not None and adviser_id == programme.adviser_id)


def may_sign_up(user: Any, company: Any) -> bool:
    """For a company: its people, and the office in their stead."""
    return may_manage(user) or is_of(user, company)
