"""What the pages of this app share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from tenants.intake.models import Application
from tenants.intake.services import preview_letter


def once(shown: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Asked once for an object: the page asks each of its fields several times what it shows."""

    @wraps(shown)
    def kept(self: Any, application: Any) -> Any:
        known: dict[str, Any] = application.__dict__.setdefault("_shown", {})
        if shown.__name__ not in known:
            known[shown.__name__] = shown(self, application)
        return known[shown.__name__]

    return kept


class IntakeAdmin(ServiceModelAdmin):
    """Read by all staff, written by the managers of leases."""

    write_groups = (StaffGroup.LEASES,)

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Read once a request: its page asks for it again for the verbs."""
        known: dict[str, Any] = request.__dict__.setdefault("_camp_objects", {})
        if object_id not in known:
            known[object_id] = super().get_object(request, object_id, from_field)
        return known[object_id]

    def found(self, request: HttpRequest, object_id: Any) -> Any:
        obj = self.get_object(request, str(object_id))
        if obj is None:
            raise Http404
        return obj


def letter_preview(application: Application, kind: str, **more: Any) -> SafeString:
    """The letter that will go out, with an ellipsis where the manager's own words will stand."""
    draft = preview_letter(application=application, kind=kind, note="…", **more)
    return format_html(
        '<span class="block mb-2">{} <strong>{}</strong></span><span class="block font-semibold">{}</span>'
        '<span class="block whitespace-pre-line border-l-4 border-base-200 pl-3">{}</span>',
        _("This letter goes to"),
        draft.to,
        draft.subject,
        draft.body,
    )
