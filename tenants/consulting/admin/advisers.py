from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
)

from incubator.accounts import services as invitations
from incubator.accounts.admin import mail_soon
from incubator.accounts.enums import Kind
from incubator.accounts.models import Invitation
from incubator.common.admin import ServiceModelAdmin, service_action
from incubator.common.sheets.admin import SheetUploadMixin
from tenants.consulting import selectors, services
from tenants.consulting.enums import AdviceField, Language
from tenants.consulting.loaders import AdviserLoader
from tenants.consulting.models import Adviser, MeetingRoom

from .parts import WRITERS


class AdviserForm(forms.ModelForm):
    fields = forms.MultipleChoiceField(  # type: ignore[assignment]
        label=_("Advises on"), choices=AdviceField.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Adviser
        fields = ("name", "email", "affiliation", "firm", "fields", "languages", "weekly_hours", "active")

    def _post_clean(self) -> None:
        """The service checks the adviser."""


class CodeFilter(admin.SimpleListFilter):
    """Advisers that have a code in one of their lists."""

    array = ""
    codes: Any = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.codes)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{f"{self.array}__contains": [self.value()]}) if self.value() else queryset


class FieldFilter(CodeFilter):
    title = _("advises on")
    parameter_name = "field"
    array = "fields"
    codes = AdviceField.choices


class LanguageFilter(CodeFilter):
    title = _("languages")
    parameter_name = "language"
    array = "languages"
    codes = Language.choices


@admin.register(Adviser)
class AdviserAdmin(SheetUploadMixin, ServiceModelAdmin):
    write_groups = WRITERS
    loader_class = AdviserLoader
    form = AdviserForm
    list_display = (
        "name",
        "email",
        "affiliation",
        "shown_fields",
        "shown_languages",
        "weekly_hours",
        "signed_up",
        "active",
    )
    list_filter = ("active", "affiliation", FieldFilter, LanguageFilter)
    search_fields = ("name", "email")
    actions = ("invite",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adviser]:
        return selectors.advisers_for(request.user).order_by("name", "pk")

    @display(description=_("advises on"))
    def shown_fields(self, adviser: Adviser) -> str:
        return ", ".join(adviser.field_labels)

    @display(description=_("languages"))
    def shown_languages(self, adviser: Adviser) -> str:
        return ", ".join(adviser.language_labels)

    @display(description=_("has an account"), boolean=True)
    def signed_up(self, adviser: Adviser) -> bool:
        return adviser.user_id is not None

    def save_model(self, request: HttpRequest, obj: Adviser, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in AdviserForm.Meta.fields}
        if change:
            services.update_adviser(adviser=obj, actor=request.user, **values)
        else:
            obj.__dict__.update(services.register_adviser(actor=request.user, **values).__dict__)

    @action(description=_("Invite to sign in as adviser"))
    @service_action
    def invite(self, request: HttpRequest, queryset: QuerySet[Adviser]) -> None:
        made = [
            invitations.prepare_invitation(
                email=adviser.email,
                name=adviser.name,
                kind=Kind.ADVISER,
                scope_id=adviser.pk,
                actor=request.user,
                now=timezone.now(),
            )
            for adviser in queryset.filter(user=None, active=True)
        ]
        if not made:
            messages.warning(request, _("All of them have an account already, or cannot be booked."))
            return
        mail_soon(request, Invitation.objects.filter(pk__in=[invitation.pk for invitation in made]))


@admin.register(MeetingRoom)
class MeetingRoomAdmin(ServiceModelAdmin):
    write_groups = WRITERS
    list_display = ("name", "place", "active")
    list_filter = ("active",)
    search_fields = ("name", "place")
    fields = ("name", "place", "active")
