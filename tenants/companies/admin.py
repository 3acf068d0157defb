from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from incubator.accounts import selectors as people
from incubator.accounts import services as invitations
from incubator.accounts.admin import mail_soon
from incubator.accounts.enums import Kind, StaffGroup
from incubator.audit.services import note_access
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin, service_action
from incubator.common.enums import Sector
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import verb_page

from . import selectors, services
from .enums import MemberLevel, ResidencyState
from .loaders import CompanyLoader
from .models import Company, Membership

_RESIDENCY_COLOURS = {
    "admitted": "info",
    "resident": "success",
    "graduated": "primary",
    "left_early": "warning",
}


class CompanyForm(forms.ModelForm):
    sectors = forms.MultipleChoiceField(
        label=_("Sectors"),
        choices=Sector.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    homepage = forms.URLField(
        label=_("Homepage"),
        required=False,
        assume_scheme="https",
        max_length=200,
        widget=UnfoldAdminURLInputWidget,
    )

    class Meta:
        model = Company
        fields = (*services.REGISTER_FIELDS, *services.PROFILE_FIELDS, "visible_to_investors")


class NewCompanyForm(CompanyForm):
    first_day = forms.DateField(label=_("Resident from"), widget=UnfoldAdminSingleDateWidget)
    mail_now = forms.BooleanField(
        label=_("Mail the owner's invitation now"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text=_("To the representative, at the contact address. It can be mailed later as well."),
    )


class InvitePersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    level = forms.ChoiceField(label=_("Level"), choices=MemberLevel.choices, widget=UnfoldAdminSelectWidget)


class ResidencyFilter(admin.SimpleListFilter):
    title = _("residency")
    parameter_name = "residency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ResidencyState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(residency_state=self.value()) if self.value() else queryset


class MembershipInline(RoleTabularInline):
    """Members come by invitation; here their level changes, and they leave."""

    model = Membership
    write_groups = (StaffGroup.LEASES,)
    may_add = False
    may_delete = True
    fields = ("person", "level", "title")
    readonly_fields = ("person",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return selectors.members_for(request.user)

    @display(description=_("person"))
    def person(self, member: Membership) -> str:
        return f"{member.user.name} <{member.user.email}>"


@admin.register(Company)
class CompanyAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = CompanyLoader
    write_groups = (StaffGroup.LEASES,)
    form = CompanyForm
    list_display = (
        "name",
        "stage",
        "shown_sectors",
        "shown_residency",
        "visible_to_investors",
        "employees",
        "cluster_account",
    )
    list_filter = (ResidencyFilter, "stage", "region", "visible_to_investors")
    search_fields = ("name", "name_en", "business_number", "representative", "email", "cluster_account")
    inlines = (MembershipInline,)
    actions = ("send_invitations",)
    actions_detail = ("invite_person",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        return selectors.with_residency(selectors.companies_for(request.user)).order_by("name", "pk")

    def get_form(
        self, request: HttpRequest, obj: Company | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewCompanyForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Company | None = None) -> Any:
        register = ["name", "business_number", "corporate_number", "founded_on", "cluster_account"]
        profile = list(services.PROFILE_FIELDS)
        admission = [] if obj else [(_("Admission"), {"fields": ["first_day", "mail_now"]})]
        return [
            (_("Register"), {"fields": register}),
            (_("Profile"), {"fields": profile}),
            (_("Disclosure"), {"fields": ["visible_to_investors"]}),
            *admission,
        ]

    def get_inlines(self, request: HttpRequest, obj: Company | None = None) -> Any:
        return self.inlines if obj else ()

    @display(description=_("sectors"))
    def shown_sectors(self, company: Company) -> str:
        return ", ".join(company.sector_labels)

    @display(description=_("residency"), label=_RESIDENCY_COLOURS, ordering="residency_state")
    def shown_residency(self, company: Any) -> Any:
        state = company.residency_state
        return (state, ResidencyState(state).label) if state else None

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id and str(object_id).isdigit():
            note_access(request, "company", [int(object_id)], task="company in the admin")
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        values = {
            field: form.cleaned_data[field]
            for field in (*services.REGISTER_FIELDS, *services.PROFILE_FIELDS, "visible_to_investors")
        }
        if change:
            # The form has put the new values into `obj` already; the service compares with what was there.
            stored = selectors.companies_for(request.user).get(pk=obj.pk)
            changed = {field: values[field] for field in values if field in form.changed_data}
            services.change_company(company=stored, values=changed, actor=request.user, now=timezone.now())
            return
        company = services.enrol_company(
            first_day=form.cleaned_data["first_day"],
            base_url=request.build_absolute_uri("/") if form.cleaned_data["mail_now"] else None,
            actor=request.user,
            now=timezone.now(),
            **values,
        )
        obj.__dict__.update(company.__dict__)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for member, _fields in formset.changed_objects:
            services.change_member(
                membership=selectors.members_for(request.user).get(pk=member.pk),
                level=member.level,
                title=member.title,
                actor=request.user,
                now=timezone.now(),
            )
        for member in formset.deleted_objects:
            services.remove_member(membership=member, actor=request.user, now=timezone.now())

    @action(description=_("Mail the owners' invitations"))
    @service_action
    def send_invitations(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        companies = list(queryset.values_list("pk", flat=True))
        unsent = people.invitations_for(request.user).filter(
            kind=Kind.FOUNDER, scope_id__in=companies, sent_at=None
        )
        if not unsent:
            messages.info(request, gettext("These companies have no invitation that waits to be mailed."))
            return
        mail_soon(request, unsent)

    @action(description=_("Invite a person"), url_path="invite", permissions=["change"], icon="person_add")
    def invite_person(self, request: HttpRequest, object_id: int) -> HttpResponse:
        company = get_object_or_404(selectors.companies_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=company,
            form_class=InvitePersonForm,
            title=gettext("Invite a person to %(company)s") % {"company": company.name},
            button=_("Send the invitation"),
            done=_("The invitation is on its way."),
            perform=lambda values: invitations.invite(
                **values,
                kind=Kind.FOUNDER,
                scope_id=company.pk,
                actor=request.user,
                now=timezone.now(),
                base_url=request.build_absolute_uri("/"),
            ),
        )
