"""A page of the admin for a verb: what will happen, the few values it needs, and one button that says it.

Put one behind an Unfold action of `actions_detail` or `actions_list`: asked by GET it shows the form, by POST it acts.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from .errors import DomainError


class NoForm(forms.Form):
    """For a verb that needs to be told nothing."""


class ReasonForm(forms.Form):
    """For a verb that needs a reason, which the company reads."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The company reads it."),
        max_length=400,
        widget=UnfoldAdminTextareaWidget,
    )


class OptionalReasonForm(ReasonForm):
    """For a verb that may be given one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


def verb_page(
    model_admin: Any,
    request: HttpRequest,
    *,
    form_class: type[forms.Form],
    perform: Callable[[Mapping[str, Any]], Any],
    title: Any,
    button: Any,
    done: Any,
    explanation: Any = "",
    obj: Any = None,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the form, or hand its cleaned values to `perform` (one service call) and return to where it came from.

    A DomainError is shown at its field with everything typed still there, and nothing stays written.
    Raises PermissionDenied for whoever may not write here.
    """
    if not model_admin._writes(request):
        raise PermissionDenied
    names = (model_admin.admin_site.name, model_admin.opts.app_label, model_admin.opts.model_name)
    back = reverse("{}:{}_{}_changelist".format(*names))
    if obj is not None:
        back = reverse("{}:{}_{}_change".format(*names), args=[obj.pk])
    posted = request.method == "POST"
    form = form_class(request.POST if posted else None, request.FILES if posted else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                perform(form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, str(done))
            return HttpResponseRedirect(back)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "form": form,
        "explanation": explanation,
        "button": button,
        "back": back,
    }
    return TemplateResponse(request, "admin/verb.html", context)
