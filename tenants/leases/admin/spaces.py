"""Buildings, floors, spaces and rates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin
from incubator.common.display import period, square_metres, won_exact
from incubator.common.forms import DayField
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import verb_page
from tenants.leases import plan_views, selectors, services
from tenants.leases.enums import Equipment
from tenants.leases.loaders import SpaceLoader
from tenants.leases.models import Building, Floor, Rate, Space

from .furnishing import (
    CONDITION_COLOURS,
    BlockedInline,
    BlockForm,
    ConditionForm,
    ConditionInline,
    PhotoForm,
    PhotoInline,
)


class FloorInline(RoleTabularInline):
    write_groups = (StaffGroup.LEASES,)
    model = Floor
    fields = ("level",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Floor]:
        return selectors.floors_for(request.user).order_by("level")


@admin.register(Building)
class BuildingAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("name", "name_en", "address", "opened_on")
    search_fields = ("name", "name_en")
    fields = ("name", "name_en", "address", "opened_on")
    inlines = (FloorInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Building]:
        return selectors.buildings_for(request.user).order_by("name")


class RateInline(RoleTabularInline):
    model = Rate
    may_add = False
    fields = readonly_fields = ("shown_period", "rent", "fee", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rate]:
        return selectors.rates_for(request.user).order_by("-period")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("period"))
    def shown_period(self, rate: Rate) -> str:
        return shown_period(rate)

    @display(description=_("monthly rent a m², won"))
    def rent(self, rate: Rate) -> str:
        return won_exact(rate.rent_krw_per_m2)

    @display(description=_("monthly maintenance fee a m², won"))
    def fee(self, rate: Rate) -> str:
        return won_exact(rate.fee_krw_per_m2)


def shown_period(rate: Rate) -> str:
    """The rate's days in words, all days when neither side has an end."""
    open_ended = rate.period.lower is None and rate.period.upper is None
    return str(_("all days")) if open_ended else period(rate.period)


class SpaceForm(forms.ModelForm):
    equipment = forms.MultipleChoiceField(
        label=_("equipment"),
        choices=Equipment.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Space
        fields = ("floor", "code", "kind", "area_m2", "seats", "equipment", "equipment_note", "active")


@admin.register(Space)
class SpaceAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = SpaceLoader
    write_groups = (StaffGroup.LEASES,)
    form = SpaceForm
    list_before_template = "admin/leases/space_pages.html"
    list_display = ("place", "level", "kind", "area", "seats", "shown_condition", "holder", "active")
    list_filter = ("building", "kind", "condition", "active")
    search_fields = ("code", "building__name", "building__name_en")
    inlines = (RateInline, BlockedInline, ConditionInline, PhotoInline)
    actions_detail = ("record_condition", "block", "add_photo")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("plan/", view(self.plan), name="leases_space_plans"),
            path("plan/<int:floor_id>/", view(self.plan), name="leases_space_plan"),
            path("plan/<int:floor_id>/layout/", view(self.layout), name="leases_space_layout"),
            path("photos/<int:photo_id>.webp", view(plan_views.photo), name="leases_space_picture"),
            *super().get_urls(),
        ]

    def plan(self, request: HttpRequest, floor_id: int | None = None) -> HttpResponse:
        return plan_views.plan_page(
            request,
            floor_id,
            address="admin:leases_space_plan",
            room_address="admin:leases_space_change",
            back=reverse("admin:leases_space_changelist"),
            back_label=str(_("Spaces")),
            names=True,
            layout="admin:leases_space_layout" if self._writes(request) else "",
        )

    def layout(self, request: HttpRequest, floor_id: int) -> HttpResponse:
        if not self._writes(request):
            raise PermissionDenied
        return plan_views.layout_page(
            request, floor_id, back=lambda floor: reverse("admin:leases_space_plan", args=[floor.pk])
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Space]:
        now = selectors.held_on(selectors.leases_for(request.user), timezone.localdate())
        spaces = selectors.spaces_for(request.user).prefetch_related(
            Prefetch("leases", now, to_attr="held_now")
        )
        return spaces.order_by("building__name", "code")

    def get_inlines(self, request: HttpRequest, obj: Space | None = None) -> Any:
        return self.inlines if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "floor":
            kwargs["queryset"] = selectors.floors_for(request.user).order_by("building__name", "level")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("space"), ordering="code")
    def place(self, space: Space) -> str:
        return space.place

    @display(description=_("floor"), ordering="floor__level")
    def level(self, space: Space) -> str:
        return space.floor.label

    @display(description=_("area, m²"), ordering="area_m2")
    def area(self, space: Space) -> str:
        return square_metres(space.area_m2)

    @display(description=_("condition"), label=CONDITION_COLOURS, ordering="condition")
    def shown_condition(self, space: Space) -> tuple[str, str]:
        return space.condition, space.get_condition_display()

    @display(description=_("let today to"))
    def holder(self, space: Any) -> str:
        return ", ".join(lease.company.name for lease in space.held_now) or "–"

    def save_model(self, request: HttpRequest, obj: Space, form: Any, change: bool) -> None:
        values = form.cleaned_data
        if change:
            stored = selectors.spaces_for(request.user).get(pk=obj.pk)
            services.update_space(
                space=stored, actor=request.user, **{name: values[name] for name in form.changed_data}
            )
            return
        obj.__dict__.update(services.create_space(actor=request.user, **values).__dict__)

    def _verb(self, request: HttpRequest, object_id: int, **page: Any) -> HttpResponse:
        space = self.get_object(request, str(object_id))
        if space is None:
            raise Http404
        perform = page.pop("perform")
        return verb_page(
            self,
            request,
            obj=space,
            perform=lambda values: perform(space, values),
            **{"explanation": space.place, **page},
        )

    @action(description=_("Record the condition"), url_path="condition", permissions=["change"], icon="build")
    def record_condition(self, request: HttpRequest, object_id: int) -> HttpResponse:
        now = timezone.now()
        return self._verb(
            request,
            object_id,
            form_class=ConditionForm,
            initial={"since": timezone.localdate(now)},
            perform=lambda space, values: services.record_condition(
                space=space, actor=request.user, now=now, **values
            ),
            title=_("Record the condition of the space"),
            explanation=_(
                "A closed space cannot be let from that day on, until another condition is recorded."
            ),
            button=_("Record the condition"),
            done=_("The condition is recorded."),
        )

    @action(description=_("Block days"), url_path="block", permissions=["change"], icon="event_busy")
    def block(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            form_class=BlockForm,
            perform=lambda space, values: services.block_space(space=space, actor=request.user, **values),
            title=_("Block the space"),
            explanation=_("On these days no lease can hold the space."),
            button=_("Block the space"),
            done=_("The space is blocked on these days."),
        )

    @action(
        description=_("Add a photograph"), url_path="add-photo", permissions=["change"], icon="add_a_photo"
    )
    def add_photo(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            form_class=PhotoForm,
            perform=lambda space, values: services.add_photo(
                space=space,
                file=values["picture"],
                alt=values["alt"],
                caption=values["caption"],
                actor=request.user,
            ),
            title=_("Add a photograph"),
            button=_("Add the photograph"),
            done=_("The photograph is added."),
        )


class RateForm(forms.ModelForm):
    from_day = DayField(
        label=_("In force from"),
        required=False,
        help_text=_(
            "The rate in force ends the day before. Empty: it holds for all days before the first known rate."
        ),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Rate
        fields = ("space", "rent_krw_per_m2", "fee_krw_per_m2", "source")


@admin.register(Rate)
class RateAdmin(ServiceModelAdmin):
    """Rates follow one another: a new one ends the one in force, none is rewritten but by one of the same first day."""

    write_groups = (StaffGroup.LEASES,)
    form = RateForm
    list_display = ("space", "period_in_words", "rent", "fee", "source")
    list_filter = ("space__building",)
    search_fields = ("space__code", "space__building__name", "source")
    autocomplete_fields = ("space",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rate]:
        return selectors.rates_for(request.user).order_by("space__building__name", "space__code", "-period")

    def has_change_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Rate | None = None) -> Any:
        if obj:
            return ("space", "period_in_words", "rent", "fee", "source")
        return ("space", "from_day", "rent_krw_per_m2", "fee_krw_per_m2", "source")

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> Any:
        return ("period_in_words", "rent", "fee") if obj else ()

    @display(description=_("period"), ordering="period")
    def period_in_words(self, rate: Rate) -> str:
        return shown_period(rate)

    @display(description=_("monthly rent a m², won"), ordering="rent_krw_per_m2")
    def rent(self, rate: Rate) -> str:
        return won_exact(rate.rent_krw_per_m2)

    @display(description=_("monthly maintenance fee a m², won"), ordering="fee_krw_per_m2")
    def fee(self, rate: Rate) -> str:
        return won_exact(rate.fee_krw_per_m2)

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: bool) -> None:
        obj.__dict__.update(services.set_rate(actor=request.user, **form.cleaned_data).__dict__)
