from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from incubator.common.verbs import ReasonForm, verb_page
from tenants.programmes import selectors, services
from tenants.programmes.models import SignUp

COLOURS = {"signed": "success", "waiting": "info", "left": "default"}


@admin.register(SignUp)
class SignUpAdmin(ServiceModelAdmin):
    """Who takes part in what. A sign-up ends, it is never changed."""

    write_groups = (StaffGroup.CONSULTING,)
    may_add = False
    list_display = ("person", "company", "programme", "shown_state", "joined_at", "moved_up_at")
    list_filter = ("state", "programme")
    list_select_related = ("person", "company", "programme")
    search_fields = ("person__name", "company__name", "programme__title")
    ordering = ("-joined_at", "-pk")
    actions_detail = ("leave",)
    fields = (
        "programme",
        "company",
        "person",
        "state_in_words",
        "joined_at",
        "signed_by",
        "moved_up_at",
        "left_at",
        "left_reason",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignUp]:
        return selectors.sign_ups_for(request.user).select_related("programme", "company", "person")

    def has_change_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("state"), label=COLOURS, ordering="state")
    def shown_state(self, sign_up: SignUp) -> tuple[str, str]:
        return sign_up.state, sign_up.get_state_display()

    @display(description=_("state"))
    def state_in_words(self, sign_up: SignUp) -> str:
        return sign_up.get_state_display()

    @action(description=_("Take out"), url_path="leave", permissions=["verb"], icon="person_remove")
    def leave(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = get_object_or_404(self.get_queryset(request), pk=object_id)
        return verb_page(
            self,
            request,
            obj=found,
            form_class=ReasonForm,
            title=_("Take %(person)s out of %(programme)s")
            % {"person": found.person, "programme": found.programme},
            explanation=_("The seat goes to whoever waits longest, at once."),
            button=_("Take out of the programme"),
            done=_("The seat is free again."),
            perform=lambda values: services.leave(
                sign_up=found, **values, actor=request.user, now=timezone.now()
            ),
        )
