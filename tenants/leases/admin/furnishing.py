"""What belongs to a space: blocked days, its conditions so far, and its photographs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin
from incubator.common.display import day, moment, period
from incubator.common.forms import DayField
from incubator.common.verbs import verb_page
from tenants.leases import services
from tenants.leases.enums import BlockKind, Condition
from tenants.leases.models import BlockedPeriod, ConditionRecord, SpacePhoto
from tenants.leases.selectors import spaces as details

CONDITION_COLOURS = {
    Condition.GOOD: "success",
    Condition.REPAIR: "warning",
    Condition.CLOSED: "danger",
}


class ConditionForm(forms.Form):
    condition = forms.ChoiceField(
        label=_("condition"), choices=Condition.choices, widget=UnfoldAdminSelectWidget
    )
    since = DayField(label=_("since"), widget=UnfoldAdminTextInputWidget)
    note = forms.CharField(
        label=_("What is the matter"), max_length=400, required=False, widget=UnfoldAdminTextareaWidget
    )


class BlockForm(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=BlockKind.choices, widget=UnfoldAdminSelectWidget)
    first_day = DayField(label=_("First day"), widget=UnfoldAdminTextInputWidget)
    last_day = DayField(
        label=_("Last day"),
        help_text=_("Empty: until further notice."),
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    note = forms.CharField(label=_("why"), max_length=400, widget=UnfoldAdminTextareaWidget)


class EndBlockForm(forms.Form):
    last_day = DayField(
        label=_("Last day that stays blocked"),
        help_text=_("A day before the first one calls the whole block off. What is past stays."),
        widget=UnfoldAdminTextInputWidget,
    )


class PhotoWords(forms.Form):
    alt = forms.CharField(
        label=_("what the photograph shows"),
        help_text=_("In words, for those who cannot see it."),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )
    caption = forms.CharField(
        label=_("caption"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class PhotoForm(PhotoWords):
    picture = forms.FileField(
        label=_("photograph"),
        help_text=_("PNG, JPEG, WebP or HEIC, at most 20 MB. Where and when it was taken is not kept."),
        widget=UnfoldAdminFileFieldWidget,
    )
    field_order = ("picture", "alt", "caption")


class _Seen(RoleTabularInline):
    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BlockedInline(_Seen):
    model = BlockedPeriod
    fields = readonly_fields = ("days", "kind", "note")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[BlockedPeriod]:
        return details.blocked_for(request.user).order_by("-period", "-pk")

    @display(description=_("period"))
    def days(self, blocked: BlockedPeriod) -> str:
        return str(_("called off")) if blocked.period.isempty else period(blocked.period)


class ConditionInline(_Seen):
    model = ConditionRecord
    fields = readonly_fields = ("condition", "shown_since", "note", "who", "shown_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConditionRecord]:
        return details.conditions_for(request.user).order_by("-at", "-pk")

    @display(description=_("since"))
    def shown_since(self, record: ConditionRecord) -> str:
        return day(record.since)

    @display(description=_("who"))
    def who(self, record: ConditionRecord) -> str:
        return str(record.actor or _("the system"))

    @display(description=_("recorded"))
    def shown_at(self, record: ConditionRecord) -> str:
        return moment(record.at)


def picture(photo: SpacePhoto, width: int) -> str:
    height = width * photo.height // max(photo.width, 1)
    url = reverse("admin:leases_space_picture", args=[photo.pk])
    return format_html('<img src="{}" alt="{}" width="{}" height="{}">', url, photo.alt, width, height)


class PhotoInline(_Seen):
    model = SpacePhoto
    fields = readonly_fields = ("shown", "alt", "caption")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpacePhoto]:
        return details.photos_for(request.user).order_by("position", "pk")

    @display(description=_("photograph"))
    def shown(self, photo: SpacePhoto) -> str:
        return picture(photo, 180)


@admin.register(BlockedPeriod)
class BlockedPeriodAdmin(ServiceModelAdmin):
    """Days on which spaces are nobody's; made from the space's own page."""

    write_groups = (StaffGroup.LEASES,)
    may_add = False
    list_display = ("space", "days", "kind", "note")
    list_filter = ("kind", "space__building")
    search_fields = ("space__code", "note")
    fields = readonly_fields = ("space", "days", "kind", "note")
    actions_detail = ("end_early",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BlockedPeriod]:
        return details.blocked_for(request.user).order_by("-period", "-pk")

    @display(description=_("period"), ordering="period")
    def days(self, blocked: BlockedPeriod) -> str:
        return str(_("called off")) if blocked.period.isempty else period(blocked.period)

    @action(
        description=_("Free the space earlier"),
        url_path="end-early",
        permissions=["change"],
        icon="event_available",
    )
    def end_early(self, request: HttpRequest, object_id: int) -> HttpResponse:
        blocked = self.get_object(request, str(object_id))
        if blocked is None:
            raise Http404
        now = timezone.now()
        return verb_page(
            self,
            request,
            obj=blocked,
            form_class=EndBlockForm,
            perform=lambda values: services.end_block(blocked=blocked, actor=request.user, now=now, **values),
            title=_("Free the space earlier"),
            explanation=f"{blocked.space.place} · {blocked}",
            button=_("Free the space"),
            done=_("The space is free after that day."),
        )


@admin.register(SpacePhoto)
class SpacePhotoAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.LEASES,)
    may_add = False
    list_display = ("shown_small", "space", "alt", "caption")
    search_fields = ("space__code", "alt", "caption")
    fields = ("space", "shown", "alt", "caption")
    readonly_fields = ("space", "shown")
    actions_detail = ("show_first", "remove")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpacePhoto]:
        return details.photos_for(request.user).order_by("space__building__name", "space__code", "position")

    @display(description=_("photograph"))
    def shown(self, photo: SpacePhoto) -> str:
        return picture(photo, 480)

    @display(description=_("photograph"))
    def shown_small(self, photo: SpacePhoto) -> str:
        return picture(photo, 120)

    def save_model(self, request: HttpRequest, obj: SpacePhoto, form: Any, change: bool) -> None:
        services.describe_photo(photo=obj, actor=request.user, **form.cleaned_data)

    def _photo(self, request: HttpRequest, object_id: int) -> SpacePhoto:
        photo = self.get_object(request, str(object_id))
        if photo is None:
            raise Http404
        return photo

    @action(description=_("Show first"), url_path="first", permissions=["change"], icon="vertical_align_top")
    def show_first(self, request: HttpRequest, object_id: int) -> HttpResponse:
        photo = self._photo(request, object_id)
        return verb_page(
            self,
            request,
            obj=photo,
            form_class=forms.Form,
            perform=lambda values: services.order_photos(space=photo.space, first=photo, actor=request.user),
            title=_("Show this photograph first"),
            explanation=photo.alt,
            button=_("Show it first"),
            done=_("The photograph comes first now."),
        )

    @action(description=_("Remove"), url_path="remove", permissions=["change"], icon="delete")
    def remove(self, request: HttpRequest, object_id: int) -> HttpResponse:
        photo = self._photo(request, object_id)
        return verb_page(
            self,
            request,
            obj=None,
            form_class=forms.Form,
            perform=lambda values: services.remove_photo(photo=photo, actor=request.user),
            title=_("Remove the photograph"),
            explanation=f"{photo.space.place} · {photo.alt}",
            button=_("Remove the photograph"),
            done=_("The photograph is removed."),
        )
