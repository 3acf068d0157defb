"""The managers' side of every domain: one base class that asks for the role in force and lets services do the work."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import autodiscover
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.sites import UnfoldAdminSite

from .errors import DomainError

STAFF = "staff"


class CampAdminSite(UnfoldAdminSite):
    """Open to whoever acts as staff. For anyone else it does not exist.

    The admins of all apps are found when somebody first looks for one: a worker or a command that shows no page
    starts without them and all that they import.
    """

    _found: dict[Any, Any] | None = None

    @property
    def _registry(self) -> dict[Any, Any]:
        if self._found is None:
            self._found = {}
            # Not in this module, which the site itself is imported from.
            import_module("incubator.common.settings_admin")
            autodiscover()
        return self._found

    @_registry.setter
    def _registry(self, found: dict[Any, Any]) -> None:
        # The site begins with an empty one: nobody has looked yet.
        self._found = found or None

    def has_permission(self, request: HttpRequest) -> bool:
        acting = getattr(request, "acting", None)
        return acting is not None and acting.kind == STAFF

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only admins that ask for the role in force are let in: third parties bring pages (sign-in secrets, groups,
        schedules) that ask for Django's own permissions, which nobody here has."""
        if admin_class is not None and issubclass(admin_class, RolePermissions):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        # What came as a press on "log out" stays one: the sign-out page would only ask again.
        return redirect("account_logout", preserve_request=request.method == "POST")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")


class RolePermissions:
    """Permissions from the role in force: all staff read, the groups in `write_groups` (and the director) write."""

    write_groups: ClassVar[tuple[str, ...]] = ()
    may_add: ClassVar[bool] = True
    may_delete: ClassVar[bool] = False

    def _writes(self, request: HttpRequest) -> bool:
        acting = request.acting  # type: ignore[attr-defined]
        return not acting.read_only and acting.in_group(*self.write_groups)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.acting.kind == STAFF  # type: ignore[attr-defined]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.acting.kind == STAFF  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self._writes(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._writes(request)


class ServiceModelAdmin(RolePermissions, ModelAdmin):
    """A ModelAdmin whose `save_model` and actions call services.

    A DomainError in `save_model` rolls everything back, is shown at its field (or the form) with what was typed still
    there, and leaves no LogEntry. In an action decorated with `service_action` it becomes an error message.
    """

    show_full_result_count = False
    list_per_page = 50
    warn_unsaved_form = True
    list_fullwidth = True

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            request._camp_refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal: DomainError | None = getattr(request, "_camp_refusal", None)
        return form if refusal is None else _refused(form, refusal)


def _refused(form: type[ModelForm], refusal: DomainError) -> type[ModelForm]:
    """The same form, which finds the refusal when it is cleaned: so the page is the ordinary page of an invalid form."""

    class RefusedForm(form):  # type: ignore[misc, valid-type]
        def _post_clean(self) -> None:
            super()._post_clean()
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    return RefusedForm


def service_action(method: Callable[..., HttpResponse | None]) -> Callable[..., HttpResponse | None]:
    """For an admin action that calls services: whoever may not write is refused, a DomainError becomes a message
    and what the action had done until then is taken back."""

    @wraps(method)
    def action(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        from django.db import transaction

        if not self._writes(request):
            raise PermissionDenied
        try:
            with transaction.atomic():
                return method(self, request, *args, **kwargs)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None

    return action


class RoleTabularInline(RolePermissions, TabularInline):
    extra = 0
    tab = True


class RoleStackedInline(RolePermissions, StackedInline):
    extra = 0


class ReadOnlyAdmin(ServiceModelAdmin):
    """For records that nobody changes by hand: transfers, history, logs."""

    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
