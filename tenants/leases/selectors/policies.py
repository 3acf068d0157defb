"""The rules for leases that hold on a day."""

from datetime import date
from typing import Any

from django.db.models import QuerySet, Subquery

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.leases.models import LeasePolicy


def policies_for(user: Any) -> QuerySet[LeasePolicy]:
    """The camp's rules are no secret among staff and founders."""
    readers = (Kind.STAFF, Kind.FOUNDER)
    return LeasePolicy.objects.all() if acting_of(user).kind in readers else LeasePolicy.objects.none()


def _on(day: date) -> QuerySet[LeasePolicy]:
    return LeasePolicy.objects.filter(starts_on__lte=day).order_by("-starts_on", "-pk")


def policy_on(day: date) -> LeasePolicy:
    """The rules in force on this day. The first row, made by a migration, holds from 2000 on."""
    return _on(day)[:1].get()


def term_months_on(day: date) -> Subquery:
    """The longest term in force on this day, as a column of another query."""
    return Subquery(_on(day).values("term_months")[:1])
