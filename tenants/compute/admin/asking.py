"""A page between an action and its service, for what the service needs to be told: mostly the reason."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin, ServiceModelAdmin
from incubator.common.errors import DomainError


class CreditsAdmin(ServiceModelAdmin):
    """Read by all staff, written by the credits group."""

    write_groups: ClassVar[tuple[str, ...]] = (StaffGroup.CREDITS,)

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    def found(self, request: HttpRequest, object_id: Any) -> Any:
        """The object of an action's page, 404 for an id that is none."""
        obj = self.get_object(request, str(object_id))
        if obj is None:
            raise Http404
        return obj

    def address_of(self, obj: Any) -> str:
        options = self.model._meta
        name = f"{self.admin_site.name}:{options.app_label}_{options.model_name}_change"
        return reverse(name, args=[obj.pk])

    @property
    def list_address(self) -> str:
        options = self.model._meta
        return reverse(f"{self.admin_site.name}:{options.app_label}_{options.model_name}_changelist")

    def ask(
        self,
        request: HttpRequest,
        *,
        form: forms.Form,
        title: Any,
        explanation: Any,
        button: Any,
        back: str,
        act: Callable[[dict[str, Any]], tuple[Any, str]],
        multipart: bool = False,
    ) -> HttpResponse:
        """Show `form`; once it is valid, `act(cleaned_data)` does the work and returns what to say and where to go.

        A DomainError takes back what was done and is shown at its field, with what was typed still there.
        """
        if not self._writes(request):
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    said, target = act(form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                messages.success(request, str(said))
                return HttpResponseRedirect(target)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "explanation": explanation,
            "button": button,
            "back": back,
            "form": form,
            "multipart": multipart,
        }
        return TemplateResponse(request, "admin/compute/ask.html", context)


class CreditsReadOnlyAdmin(CreditsAdmin, ReadOnlyAdmin):
    """What nobody edits: only services add to it."""
