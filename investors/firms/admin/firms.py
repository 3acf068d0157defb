"""The managers' firms: who they are, what they look for, what they hold, who reads for them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.accounts import selectors as people
from incubator.accounts import services as invitations
from incubator.accounts.admin import mail_soon
from incubator.accounts.enums import Kind
from incubator.common.admin import ServiceModelAdmin, service_action
from incubator.common.display import korean, won
from incubator.common.enums import Region, Sector, Stage
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import verb_page
from investors.firms import selectors, services
from investors.firms.enums import FirmMemberLevel, RoundRole
from investors.firms.loaders import FirmLoader
from investors.firms.models import Firm, FirmMember, Fund, Holding
from investors.firms.panels import facts_about
from investors.firms.tagging import tag_list

from .inlines import WRITERS, FirmMemberInline, FundInline, HoldingInline, KeywordsField

MOST_WON = 10**15


def _codes(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


class FirmForm(forms.ModelForm):
    """A firm and its mandate on one page."""

    sectors = _codes(_("Sectors"), Sector.choices)
    stages = _codes(_("Stages"), Stage.choices)
    regions = _codes(_("Regions"), Region.choices)
    ticket_min_krw = forms.IntegerField(
        label=_("Smallest ticket, won"), min_value=0, max_value=MOST_WON, widget=UnfoldAdminIntegerFieldWidget
    )
    ticket_max_krw = forms.IntegerField(
        label=_("Largest ticket, won"), min_value=0, max_value=MOST_WON, widget=UnfoldAdminIntegerFieldWidget
    )
    max_company_age_years = forms.IntegerField(
        label=_("Company age at most, years"),
        min_value=0,
        max_value=100,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Leave it empty when age does not matter."),
    )
    role = forms.ChoiceField(
        label=_("In a round"),
        choices=RoundRole.choices,
        initial=RoundRole.EITHER,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    keywords = KeywordsField()
    thesis = forms.CharField(
        label=_("In its own words"), max_length=2000, required=False, widget=UnfoldAdminTextareaWidget
    )
    capacity = forms.IntegerField(
        label=_("Introductions at most"),
        min_value=0,
        max_value=1000,
        initial=5,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("0: the firm stays on the list and is matched with nobody."),
    )

    def clean_role(self) -> str:
        """A form that does not ask for it says nothing of it."""
        return self.cleaned_data["role"] or RoundRole.EITHER

    class Meta:
        model = Firm
        fields = services.FIRM_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mandate = getattr(self.instance, "mandate", None) if self.instance.pk else None
        if mandate is not None:
            for field in services.MANDATE_FIELDS:
                self.initial.setdefault(field, getattr(mandate, field))


class InviteMemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    level = forms.ChoiceField(
        label=_("Level"), choices=FirmMemberLevel.choices, widget=UnfoldAdminSelectWidget
    )


@admin.register(Firm)
class FirmAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = FirmLoader
    write_groups = WRITERS
    form = FirmForm
    list_display = (
        "name",
        "shown_kind",
        "shown_sectors",
        "shown_stages",
        "shown_ticket",
        "shown_capacity",
        "active",
    )
    list_filter = ("kind", "active")
    search_fields = ("name", "contact_name", "email")
    inlines = (FundInline, HoldingInline, FirmMemberInline)
    actions = ("send_invitations",)
    actions_detail = ("knowledge", "invite_person")
    fieldsets = (
        (_("Firm"), {"fields": services.FIRM_FIELDS}),
        (_("What it looks for"), {"fields": services.MANDATE_FIELDS}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Firm]:
        return selectors.firms_for(request.user).select_related("mandate").order_by("name", "pk")

    def get_inlines(self, request: HttpRequest, obj: Firm | None = None) -> Any:
        return self.inlines if obj else (FundInline, HoldingInline)

    @display(description=_("kind"), ordering="kind")
    def shown_kind(self, firm: Firm) -> str:
        return firm.kind.upper()

    @display(description=_("sectors"))
    def shown_sectors(self, firm: Firm) -> str:
        return _labels(firm, "sectors", Sector)

    @display(description=_("stages"))
    def shown_stages(self, firm: Firm) -> str:
        return _labels(firm, "stages", Stage)

    @display(description=_("ticket"), ordering="mandate__ticket_min_krw")
    def shown_ticket(self, firm: Firm) -> str:
        mandate = getattr(firm, "mandate", None)
        return f"{won(mandate.ticket_min_krw)} – {won(mandate.ticket_max_krw)}" if mandate else "–"

    @display(description=_("introductions at most"), ordering="mandate__capacity")
    def shown_capacity(self, firm: Firm) -> int | None:
        return getattr(getattr(firm, "mandate", None), "capacity", None)

    def save_model(self, request: HttpRequest, obj: Firm, form: Any, change: bool) -> None:
        values = form.cleaned_data
        if not change:
            firm = services.enrol_firm(
                actor=request.user,
                now=timezone.now(),
                **{field: values[field] for field in (*services.FIRM_FIELDS, *services.MANDATE_FIELDS)},
            )
            obj.__dict__.update(firm.__dict__)
            return
        changed = set(form.changed_data)
        # The form has put the new values into `obj` already; the service starts from what was there.
        firm = selectors.firms_for(request.user).get(pk=obj.pk)
        if of_firm := {field: values[field] for field in services.FIRM_FIELDS if field in changed}:
            services.change_firm(firm=firm, actor=request.user, **of_firm)
        of_mandate = {field: values[field] for field in services.MANDATE_FIELDS if field in changed}
        if of_mandate or not hasattr(firm, "mandate"):
            terms = of_mandate or {field: values[field] for field in services.MANDATE_FIELDS}
            services.set_mandate(firm=firm, actor=request.user, **terms)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        removers: dict[type[Any], tuple[str, Callable[..., Any]]] = {
            FirmMember: ("member", services.remove_firm_member),
            Fund: ("fund", services.remove_fund),
            Holding: ("holding", services.remove_holding),
        }
        for gone in formset.deleted_objects:
            name, remove = removers[type(gone)]
            remove(**{name: gone}, actor=request.user)
        keepers: dict[type[Any], tuple[str, Callable[..., Any]]] = {
            Fund: ("fund", services.keep_fund),
            Holding: ("holding", services.keep_holding),
        }
        if formset.model not in keepers:
            return
        name, keep = keepers[formset.model]
        for each in formset.forms:
            if each.has_changed() and each.cleaned_data and not each.cleaned_data.get("DELETE"):
                each.instance.firm = form.instance
                values = {
                    field: each.cleaned_data[field] for field in each._meta.fields if field != formset.fk.name
                }
                keep(**{name: each.instance}, **values, actor=request.user)

    @action(description=_("Mail the contacts' invitations"))
    @service_action
    def send_invitations(self, request: HttpRequest, queryset: QuerySet[Firm]) -> None:
        firms = list(queryset.values_list("pk", flat=True))
        unsent = people.invitations_for(request.user).filter(
            kind=Kind.INVESTOR, scope_id__in=firms, sent_at=None
        )
        if not unsent:
            messages.info(request, str(_("These firms have no invitation that waits to be mailed.")))
            return
        mail_soon(request, unsent)

    @action(description=_("What the camp knows"), url_path="knowledge", icon="insights")
    def knowledge(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Its technologies on the list of tags, how it answered, an accelerator's share of young companies."""
        firm = get_object_or_404(selectors.firms_for(request.user).select_related("mandate"), pk=object_id)
        tags = tag_list()
        keywords = [
            {"word": word, "tags": sorted(tag.ko if korean() else tag.en for tag in tags.tags_in([word]))}
            for word in getattr(getattr(firm, "mandate", None), "keywords", ())
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What the camp knows of %(firm)s") % {"firm": firm.name},
            "firm": firm,
            "keywords": keywords,
            "facts": facts_about(firm),
            "funds": firm.funds.all(),
        }
        return TemplateResponse(request, "admin/firms/knowledge.html", context)

    @action(description=_("Invite a person"), url_path="invite", permissions=["change"], icon="person_add")
    def invite_person(self, request: HttpRequest, object_id: int) -> HttpResponse:
        firm = get_object_or_404(selectors.firms_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=firm,
            form_class=InviteMemberForm,
            initial={"name": firm.contact_name, "email": firm.email, "level": FirmMemberLevel.LEAD},
            title=_("Invite a person to %(firm)s") % {"firm": firm.name},
            explanation=_("Whoever accepts reads for this firm: companies, matches, what was opened to it."),
            button=_("Send the invitation"),
            done=_("The invitation is on its way."),
            perform=lambda values: invitations.invite(
                **values,
                kind=Kind.INVESTOR,
                scope_id=firm.pk,
                actor=request.user,
                now=timezone.now(),
                base_url=request.build_absolute_uri("/"),
            ),
        )


def _labels(firm: Firm, field: str, enum: Any) -> str:
    codes = getattr(getattr(firm, "mandate", None), field, [])
    return ", ".join(str(enum(code).label) for code in codes) or "–"
