"""How jobs and resources are written for people."""

from typing import Any

from django import template

from tenants.compute.wording import resource_name, terabytes

register = template.Library()
register.filter("resource_name", resource_name)
register.filter("terabytes", terabytes)


@register.inclusion_tag("tenants/compute/charge.html")
def charge(job: Any) -> dict[str, Any]:
    """How a job's charge came about, line by line: units × rate × seconds = GFLOP."""
    lines = [{**line, "name": resource_name(line["resource"])} for line in job.lines]
    return {"lines": lines, "job": job, "unrated": [resource_name(code) for code in job.unrated]}
