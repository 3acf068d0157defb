"""What every page of a demo day shares: its head, the way to its other pages, and how a refusal is shown."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from investors.demoday.models import DemoDay


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    current: bool


def places(day: DemoDay, here: str) -> list[Place]:
    """The pages of a day in the order in which they are needed."""

    def at(name: str, *args: Any) -> str:
        return reverse(f"admin:demoday_demoday_{name}", args=[day.pk, *args])

    listed = [
        ("change", _("Setting"), at("change")),
        ("company", _("Companies"), at("participants", "company")),
        ("firm", _("Firms"), at("participants", "firm")),
        ("wishes", _("Wishes"), at("wishes")),
        ("plan", _("Timetable"), at("plan")),
        ("repair", _("Something happened"), at("repair")),
        ("desk", _("Desk"), at("desk")),
        ("board", _("Board"), at("board")),
        ("cards", _("Table cards"), at("cards")),
        ("sheets", _("Sheets"), at("sheets")),
    ]
    return [Place(label, url, name == here) for name, label, url in listed]


def page(
    model_admin: Any, request: HttpRequest, template: str, day: DemoDay, here: str, **context: Any
) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/demoday/{template}.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "day": day,
            "places": places(day, here),
            "writes": model_admin._writes(request),
            **context,
        },
    )
