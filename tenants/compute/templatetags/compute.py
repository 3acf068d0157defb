"""How jobs and resources are written for people."""

from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string

from incubator.common.display import grouped, rounded
from tenants.compute.wording import resource_name

register = template.Library()
register.filter("resource_name", resource_name)


@register.inclusion_tag("tenants/compute/charge.html")
def charge(job: Any) -> dict[str, Any]:
    """How a job's charge came about, line by line: units × rate × seconds = GFLOP."""
    lines = [{**line, "name": resource_name(line["resource"])} for line in job.lines]
    return {"lines": lines, "job": job, "unrated": [resource_name(code) for code in job.unrated]}


@register.inclusion_tag("tenants/compute/warning.html")
def usage_warning(alert: Any) -> dict[str, Any]:
    """A notice that so much of what was granted is used, in the words of its mail."""
    return {
        "alert": alert,
        "title": render_to_string("emails/usage_alert_line.txt", {"alert": alert}).strip(),
    }


@register.filter
def tenths(value: Decimal) -> str:
    """12.5: one decimal."""
    return grouped(rounded(value, 1))
