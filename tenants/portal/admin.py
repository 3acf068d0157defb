from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from incubator.common.verbs import verb_page
from tenants.companies import selectors as companies
from tenants.lifecycle.certificates import LONGEST_PURPOSE, issue_residency
from tenants.papers.admin import PaperAdmin
from tenants.papers.enums import PaperLanguage
from tenants.papers.models import Paper

from .errors import DaysAhead, DaysReversed
from .support_paper import issue_support


class IssueForm(forms.Form):
    """Its company is chosen among those that the manager sees: `_of_companies` adds the field."""

    field_order = ("company",)
    language = forms.ChoiceField(
        label=_("Language"), choices=PaperLanguage.choices, widget=UnfoldAdminSelectWidget
    )


class ResidencyForm(IssueForm):
    purpose = forms.CharField(
        label=_("Purpose"), max_length=LONGEST_PURPOSE, widget=UnfoldAdminTextInputWidget
    )


class SupportForm(IssueForm):
    first = forms.DateField(
        label=_("First day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Left empty: from the first support on."),
    )
    last = forms.DateField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)


def _of_companies(request: HttpRequest, base: type[IssueForm]) -> type[IssueForm]:
    class Form(base):  # type: ignore[misc, valid-type]
        company = forms.ModelChoiceField(
            label=_("Company"),
            queryset=companies.companies_for(request.user).order_by("name", "pk"),
            widget=UnfoldAdminSelectWidget,
        )

    return Form


@admin.register(Paper)
class IssuingPaperAdmin(PaperAdmin):
    """Papers of all companies, and the verbs that issue them."""

    actions_list = ("issue_residency", "issue_support")

    @action(
        description=_("Issue a certificate of residency"),
        url_path="issue-residency",
        permissions=["verb"],
        icon="home_work",
    )
    def issue_residency(self, request: HttpRequest) -> HttpResponse:
        return verb_page(
            self,
            request,
            form_class=_of_companies(request, ResidencyForm),
            title=_("Certificate of residency"),
            explanation=_("It says which spaces the company holds today."),
            button=_("Issue the certificate"),
            done=_("The certificate is issued."),
            perform=lambda values: issue_residency(**values, actor=request.user, now=timezone.now()),
        )

    @action(
        description=_("Issue a statement of support"),
        url_path="issue-support",
        permissions=["verb"],
        icon="receipt_long",
    )
    def issue_support(self, request: HttpRequest) -> HttpResponse:
        return verb_page(
            self,
            request,
            form_class=_of_companies(request, SupportForm),
            initial={"last": timezone.localdate()},
            title=_("Statement of support"),
            explanation=_(
                "Waived rent and fees, credits, consulting and introductions of these days, with their sums."
            ),
            button=_("Issue the statement"),
            done=_("The statement is issued."),
            perform=lambda values: _support(request, values),
        )


def _support(request: HttpRequest, values: Mapping[str, Any]) -> None:
    try:
        issue_support(**values, actor=request.user, now=timezone.now())
    except DaysAhead as error:
        raise DaysAhead(field="last") from error
    except DaysReversed as error:
        raise DaysReversed(field="first") from error
