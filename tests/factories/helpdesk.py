"""Requests of companies, made as the services make them."""

from datetime import datetime
from typing import Any

from tenants.companies.models import Company
from tenants.helpdesk.models import Category, HelpRequest
from tenants.helpdesk.services import report_problem

from .companies import CompanyFactory, founder_of
from .leases import moment

NOW = moment(2026, 11, 23)  # a Monday


def category(code: str = "facility") -> Category:
    """One of those that a camp starts with; five working days."""
    return Category.objects.get(code=code)


def reported(company: Company | None = None, now: datetime = NOW, **values: Any) -> HelpRequest:
    """A request by a new owner of the company (a new one unless given), in `request.reporter`'s words."""
    company = company or CompanyFactory()
    reporter = values.pop("actor", None) or founder_of(company)
    count = HelpRequest.objects.count()
    request = report_problem(
        **{
            "company": company,
            "category": category(),
            "title": "천장에서 물이 샙니다",
            "text": "비가 온 뒤에 물방울이 떨어집니다.",
            "key": f"key-{count}",
            "actor": reporter,
            "now": now,
            **values,
        }
    )
    request.reporter = reporter
    return request
