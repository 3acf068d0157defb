"""The camp's contract in its versions, and every contract that a company was given."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin, RoleTabularInline, ServiceModelAdmin
from incubator.common.display import day, moment
from incubator.common.forms import DayField
from incubator.common.papers import pdf_response
from tenants.leases import services
from tenants.leases.models import ContractTemplate, LeaseContract, LeaseSignature
from tenants.leases.selectors import contracts
from tenants.leases.wording import PLACEHOLDERS
from tenants.papers.services import file_of

_ROWS = {"rows": 24}


class TemplateForm(forms.ModelForm):
    starts_on = DayField(label=_("For contracts from this day on"), widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = ContractTemplate
        fields = ("starts_on", "title", "articles", "title_en", "articles_en")
        widgets = {
            "articles": UnfoldAdminTextareaWidget(attrs=_ROWS),
            "articles_en": UnfoldAdminTextareaWidget(attrs=_ROWS),
        }

    def _post_clean(self) -> None:
        """The service says them in words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = "; ".join(f"{{{name}}} {meaning}" for name, meaning in PLACEHOLDERS.items())
        # The page of a version that is there shows it without fields.
        if "articles" not in self.fields:
            return
        self.fields["articles"].help_text = _(
            "A line that begins with 제1조(…) begins an article. Placeholders: %(known)s"
        ) % {"known": known}


@admin.register(ContractTemplate)
class ContractTemplateAdmin(ServiceModelAdmin):
    """Versions are added, never edited: what was signed stays what it was."""

    write_groups = (StaffGroup.LEASES,)
    form = TemplateForm
    list_display = ("version", "title", "starts_day", "drawn_up_by")
    list_display_links = ("version", "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContractTemplate]:
        return contracts.templates_for(request.user).select_related("made_by").order_by("-version")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = ["title", "articles", "title_en", "articles_en"]
        shown = ["version", "starts_day", *fields, "drawn_up_by", "drawn_up"]
        return shown if obj else ["starts_on", *fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The version in force: who changes one article need not type the others."""
        today = timezone.localdate()
        current = contracts.template_on(today)
        names = ("title", "articles", "title_en", "articles_en")
        kept = {name: getattr(current, name) for name in names} if current else {}
        return {**kept, "starts_on": today}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = services.add_contract_template(**form.cleaned_data, actor=request.user, now=timezone.now())
        obj.__dict__.update(made.__dict__)

    @display(description=_("drawn up by"))
    def drawn_up_by(self, template: ContractTemplate) -> str:
        return str(template.made_by or "–")

    @display(description=_("drawn up"))
    def drawn_up(self, template: ContractTemplate) -> str:
        return moment(template.made_at)

    @display(description=_("for contracts from this day on"), ordering="starts_on")
    def starts_day(self, template: ContractTemplate) -> str:
        return day(template.starts_on)


class SignatureInline(RoleTabularInline):
    model = LeaseSignature
    may_add = False
    fields = readonly_fields = (
        "side",
        "typed_name",
        "person",
        "shown_at",
        "ip",
        "user_agent",
    )
    verbose_name_plural = _("signatures")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LeaseSignature]:
        return contracts.signatures_for(request.user).select_related("person").order_by("at", "pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("signed"))
    def shown_at(self, signature: LeaseSignature) -> str:
        return moment(signature.at)


@admin.register(LeaseContract)
class LeaseContractAdmin(ReadOnlyAdmin):
    """What companies were given to read and sign, with the signatures. Nothing here can be changed."""

    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "space", "number", "made_on", "signed_by")
    list_display_links = ("company",)
    list_filter = ("lease__state",)
    search_fields = ("lease__company__name", "lease__company__name_en", "lease__space__code", "sha256")
    fields = readonly_fields = (
        "lease",
        "number",
        "template",
        "code",
        "shown_sha256",
        "agreed_terms",
        "drawn_up_by",
        "made_on",
    )
    inlines = (SignatureInline,)
    actions_detail = ("open_pdf",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LeaseContract]:
        found = contracts.contracts_for(request.user).prefetch_related("signatures")
        return found.order_by("-made_at", "-pk")

    def has_read_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request)

    @display(description=_("company"), ordering="lease__company__name")
    def company(self, contract: LeaseContract) -> str:
        return contract.lease.company.name

    @display(description=_("space"))
    def space(self, contract: LeaseContract) -> str:
        return contract.lease.space.place

    @display(description=_("SHA-256 of the PDF"))
    def shown_sha256(self, contract: LeaseContract) -> str:
        """In groups, so that a phone can break it."""
        return " ".join(contract.sha256[at : at + 16] for at in range(0, 64, 16))

    @display(description=_("drawn up by"))
    def drawn_up_by(self, contract: LeaseContract) -> str:
        return str(contract.made_by or "–")

    @display(description=_("drawn up"), ordering="made_at")
    def made_on(self, contract: LeaseContract) -> str:
        return moment(contract.made_at)

    @display(description=_("signed by"))
    def signed_by(self, contract: LeaseContract) -> str:
        return ", ".join(str(each) for each in contract.signatures.all()) or "–"

    @display(description=_("verification code"))
    def code(self, contract: LeaseContract) -> str:
        return contract.paper.code_shown

    @display(description=_("terms of the contract"))
    def agreed_terms(self, contract: LeaseContract) -> str:
        return format_html_join("", "<p>{}: {}</p>", contract.content["facts"])

    @action(description=_("Open the PDF"), url_path="pdf", permissions=["read"], icon="picture_as_pdf")
    def open_pdf(self, request: HttpRequest, object_id: int) -> HttpResponse:
        contract = self.get_object(request, str(object_id))
        if contract is None:
            raise Http404
        return pdf_response(contract.paper.title, file_of(contract.paper))
