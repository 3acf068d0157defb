"""The steps of a lease that need more than a reason: terms, signatures, swaps, notice, and a stay after the end."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from incubator.common.display import moment, period
from incubator.common.forms import DayField
from incubator.common.verbs import OptionalReasonForm, ReasonForm, verb_page
from tenants.leases import selectors, services
from tenants.leases.enums import LeaseState
from tenants.leases.models import Lease
from tenants.leases.selectors import contracts
from tenants.leases.selectors.policies import policy_on


class PaperForm(forms.Form):
    reason = forms.CharField(
        label=_("Which contract, and where it is kept"), max_length=400, widget=UnfoldAdminTextareaWidget
    )


class ReviseForm(OptionalReasonForm):
    space: Any = forms.ModelChoiceField(label=_("Space"), queryset=None, widget=UnfoldAdminSelectWidget)
    first_day = DayField(label=_("First day"), widget=UnfoldAdminTextInputWidget)
    last_day = DayField(label=_("Last day"), widget=UnfoldAdminTextInputWidget)
    field_order = ("space", "first_day", "last_day", "reason")


class CountersignForm(forms.Form):
    document_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    typed_name = forms.CharField(
        label=_("Your name"),
        help_text=_("As it stands in your account. It stands for the camp's signature."),
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "name"}),
    )


class _LeaseChoice(forms.ModelChoiceField):
    def label_from_instance(self, lease: Any) -> str:
        return f"{lease.company} · {lease.space.place} · {period(lease.period)}"


class SwapForm(OptionalReasonForm):
    other: Any = _LeaseChoice(
        label=_("Swap with the lease of"), queryset=None, widget=UnfoldAdminSelectWidget
    )
    first_day = DayField(label=_("First day in the new spaces"), widget=UnfoldAdminTextInputWidget)
    field_order = ("other", "first_day", "reason")


class NoticeForm(ReasonForm):
    last_day = DayField(label=_("Last day in the space"), widget=UnfoldAdminTextInputWidget)
    field_order = ("last_day", "reason")


class LeaseVerbs:
    """Mixed into the admin of leases, which brings `get_object` and `_verb`."""

    get_object: Any
    _verb: Any

    @action(
        description=_("Change the terms"), url_path="revise", permissions=["change"], icon="edit_calendar"
    )
    def revise(self, request: HttpRequest, object_id: int) -> HttpResponse:
        class Revise(ReviseForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.fields["space"].queryset = _spaces(request)  # type: ignore[attr-defined]

        lease = self.get_object(request, str(object_id))
        initial = (
            {"space": lease.space_id, "first_day": lease.first_day, "last_day": lease.last_day}
            if lease
            else {}
        )
        return self._verb(
            request,
            object_id,
            services.revise_lease,
            form_class=Revise,
            initial=initial,
            title=_("Change the terms"),
            explanation=_(
                "An offer is drawn up anew: the company reads and signs the new contract, the old one counts no more."
            ),
            button=_("Change the terms"),
            done=_("The terms are changed."),
        )

    @action(
        description=_("Draw up the contract anew"), url_path="redraw", permissions=["change"], icon="refresh"
    )
    def redraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.redraw_contract,
            form_class=OptionalReasonForm,
            title=_("Draw up the contract anew"),
            explanation=_(
                "For when the company's or the space's details have changed, or a newer template is in force. "
                "Whatever is signed of the old contract counts no more."
            ),
            button=_("Draw up the contract anew"),
            done=_("The contract is drawn up anew."),
        )

    @action(description=_("Countersign"), url_path="countersign", permissions=["change"], icon="signature")
    def countersign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        lease = self.get_object(request, str(object_id))
        views = contracts.contract_views(request.user, [lease.pk]).get(lease.pk, []) if lease else []
        if not views:
            raise Http404
        view = views[0]
        signed = str(_("The company has not signed this contract yet."))
        if view.company is not None:
            signed = gettext("%(name)s signed for the company on %(moment)s.") % {
                "name": view.company.typed_name,
                "moment": moment(view.company.at),
            }
        terms = f"{lease.company} · {lease.space.place} · {period(lease.period)}."
        return verb_page(
            self,
            request,
            obj=lease,
            form_class=CountersignForm,
            initial={"document_sha256": view.contract.sha256},
            explanation=f"{terms} {signed} SHA-256: {view.contract.sha256}",
            perform=lambda values: services.countersign_contract(
                contract=view.contract,
                ip=request.META.get("REMOTE_ADDR") or None,
                user_agent=request.headers.get("User-Agent", ""),
                actor=request.user,
                now=timezone.now(),
                **values,
            ),
            title=_("Countersign the contract"),
            button=_("Sign for the camp"),
            done=_("Both sides have signed. The lease begins on its first day."),
        )

    @action(
        description=_("Record a signature on paper"), url_path="sign", permissions=["change"], icon="draw"
    )
    def sign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.sign_lease,
            form_class=PaperForm,
            title=_("Record a contract signed on paper"),
            explanation=_("Only for a contract that both sides have signed outside this system."),
            button=_("The contract is signed"),
            done=_("The signature is recorded."),
        )

    @action(description=_("Swap"), url_path="swap", permissions=["change"], icon="swap_horiz")
    def swap(self, request: HttpRequest, object_id: int) -> HttpResponse:
        class Swap(SwapForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.fields["other"].queryset = _others(request, object_id)  # type: ignore[attr-defined]

        return self._verb(
            request,
            object_id,
            services.swap_companies,
            form_class=Swap,
            title=_("Swap two companies"),
            explanation=_(
                "Both leases end the day before; each company goes on in the other's space until its own last day."
            ),
            button=_("Swap the companies"),
            done=_("The companies swap."),
        )

    @action(
        description=_("Give notice"), url_path="give-notice", permissions=["change"], icon="notifications"
    )
    def give_notice(self, request: HttpRequest, object_id: int) -> HttpResponse:
        policy = policy_on(timezone.localdate())
        words = _(
            "The lease runs until the last day and is terminated then; the company is told by mail. At least "
            "%(least)s and at most %(most)s days ahead (%(source)s)."
        )
        explanation = words % {
            "least": policy.notice_days,
            "most": policy.longest_notice_days,
            "source": policy.source,
        }
        return self._verb(
            request,
            object_id,
            services.give_notice,
            form_class=NoticeForm,
            title=_("Terminate with notice"),
            explanation=explanation,
            button=_("Give notice"),
            done=_("Notice is given."),
        )

    @action(
        description=_("The company is still here"),
        url_path="hold-over",
        permissions=["change"],
        icon="hourglass",
    )
    def hold_over(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.note_holdover,
            form_class=ReasonForm,
            title=_("The company stays after the end"),
            explanation=_(
                "Until this is resolved the space is not free. The days after the end are counted apart and not as waived."
            ),
            button=_("Record the stay"),
            done=_("The stay is recorded."),
        )


def _spaces(request: HttpRequest) -> QuerySet:
    return selectors.spaces_for(request.user).filter(active=True).order_by("building__name", "code")


def _others(request: HttpRequest, lease_id: int) -> QuerySet[Lease]:
    active = selectors.leases_for(request.user).filter(state=LeaseState.ACTIVE)
    return active.exclude(pk=lease_id).order_by("company__name", "pk")
