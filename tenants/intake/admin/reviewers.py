"""Who reviews what, how far they are, and why they may not see some."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tenants.intake import selectors, services
from tenants.intake.enums import CallState, ReviewState
from tenants.intake.models import Reviewer

from .base import IntakeAdmin, once


class BehindFilter(admin.SimpleListFilter):
    title = _("progress")
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("behind", _("Reviews missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "behind":
            return queryset.filter(
                reviews__state=ReviewState.ASSIGNED, call__state=CallState.REVIEW
            ).distinct()
        return queryset


@admin.register(Reviewer)
class ReviewerAdmin(IntakeAdmin):
    list_display = ("user", "call", "shown_progress", "maximum")
    list_filter = (BehindFilter, "call")
    search_fields = ("user__name", "user__email", "call__title")
    autocomplete_fields = ("call", "user")
    fields = ("call", "user", "maximum")
    shown_fields = ("call", "user", "shown_progress", "shown_reviews", "shown_conflicts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reviewer]:
        live = ~Q(reviews__state=ReviewState.CONFLICT)
        return selectors.reviewers_for(request.user).annotate(
            count_due=Count("reviews", filter=live),
            count_done=Count("reviews", filter=Q(reviews__state=ReviewState.SUBMITTED)),
        )

    def get_fields(self, request: HttpRequest, obj: Reviewer | None = None) -> Any:
        return (*self.shown_fields, "maximum") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Reviewer | None = None) -> Any:
        return self.shown_fields if obj else ()

    @display(description=_("scored"))
    def shown_progress(self, reviewer: Any) -> str:
        return f"{reviewer.count_done} / {reviewer.count_due}"

    @display(description=_("reviews"))
    @once
    def shown_reviews(self, reviewer: Reviewer) -> SafeString | str:
        reviews = reviewer.reviews.select_related("application").order_by("pk")
        lines = ((each.application.shown_number, each.get_state_display()) for each in reviews)
        return format_html_join("", "<div>{} · {}</div>", lines) or "–"

    @display(description=_("conflicts of interest"))
    @once
    def shown_conflicts(self, reviewer: Reviewer) -> SafeString | str:
        conflicts = reviewer.conflicts.select_related("application").order_by("pk")
        lines = ((each.application.shown_number, each.get_kind_display(), each.detail) for each in conflicts)
        return format_html_join("", "<div>{} · {}: {}</div>", lines) or "–"

    def save_model(self, request: HttpRequest, obj: Reviewer, form: Any, change: bool) -> None:
        saved = services.add_reviewer(
            call=obj.call, user=obj.user, maximum=obj.maximum, actor=request.user, now=timezone.now()
        )
        obj.__dict__.update(saved.__dict__)
