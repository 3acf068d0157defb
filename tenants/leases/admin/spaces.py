"""Buildings, floors, spaces and rates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin
from incubator.common.display import period, square_metres, won_exact
from incubator.common.forms import DayField
from incubator.common.sheets.admin import SheetUploadMixin
from tenants.leases import selectors, services
from tenants.leases.loaders import SpaceLoader
from tenants.leases.models import Building, Floor, Rate, Space


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
    class Meta:
        model = Space
        fields = ("floor", "code", "kind", "area_m2", "seats", "active")


@admin.register(Space)
class SpaceAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = SpaceLoader
    write_groups = (StaffGroup.LEASES,)
    form = SpaceForm
    list_display = ("place", "level", "kind", "area", "seats", "holder", "active")
    list_filter = ("building", "kind", "active")
    search_fields = ("code", "building__name", "building__name_en")
    inlines = (RateInline,)

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
