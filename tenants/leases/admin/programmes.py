"""Under which programme a lease's space is given: said on the lease, read in the reports."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.common.verbs import verb_page
from tenants.leases import services


class ProgrammeForm(forms.Form):
    programme = forms.CharField(
        label=_("programme"),
        help_text=_("Empty: none is named."),
        max_length=120,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )


class ProgrammeVerb:
    """For an admin of leases, in whatever state they are: no term of a lease hangs on its programme."""

    @action(description=_("Name the programme"), url_path="programme", permissions=["change"], icon="sell")
    def name_programme(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        lease = self.get_object(request, str(object_id))
        if lease is None:
            raise Http404
        return verb_page(
            self,
            request,
            obj=lease,
            form_class=ProgrammeForm,
            initial={"programme": lease.programme},
            perform=lambda values: services.name_programme(leases=[lease], actor=request.user, **values),
            title=_("Name the programme"),
            explanation=_("Reports of waived amounts add up by it. The contract does not change."),
            button=_("Name the programme"),
            done=_("The programme is named."),
        )
