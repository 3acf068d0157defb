from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from incubator.audit.services import note_access
from incubator.common.admin import ServiceModelAdmin, service_action

from . import selectors, services
from .acting import roles_of
from .enums import Kind, StaffGroup
from .models import ApiToken, Invitation, User
from .tasks import mail_invitations

EVERY_GROUP = tuple(group for group in StaffGroup.values if group != StaffGroup.AUDITOR)


class PersonForm(forms.ModelForm):
    staff_groups = forms.MultipleChoiceField(
        label=_("Staff groups"),
        choices=StaffGroup.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Without a group the person is no programme manager."),
    )

    class Meta:
        model = User
        fields = ("name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "staff_groups" in self.fields:
            held = self.instance.staff_memberships.values_list("group", flat=True)
            self.fields["staff_groups"].initial = list(held)


@admin.register(User)
class UserAdmin(ServiceModelAdmin):
    """People come by invitation; the director changes what managers may do, and closes accounts."""

    may_add = False
    form = PersonForm
    list_display = ("name", "email", "shown_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "staff_memberships__group")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    fields = ("email", "name", "language", "staff_groups", "roles", "shown_active", "joined_at", "last_login")
    readonly_fields = ("email", "roles", "shown_active", "joined_at", "last_login")
    actions = ("deactivate", "reactivate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return selectors.people_for(request.user).order_by(*self.ordering)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fields if self.has_change_permission(request) else self.readonly_shown

    readonly_shown = ("email", "name", "language", "roles", "shown_active", "joined_at", "last_login")

    @display(description=_("active"), boolean=True)
    def shown_active(self, person: User) -> bool:
        return person.is_active

    @display(description=_("acts as"))
    def roles(self, person: User) -> str:
        shown = []
        for role in roles_of(person):
            groups = ", ".join(str(StaffGroup(group).label) for group in sorted(role.groups))
            shown.append(f"{role.label} ({groups or role.role_label})")
        return " · ".join(shown) or "–"

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if object_id and str(object_id).isdigit():
            note_access(request, "person", [int(object_id)], task="person in the admin")
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        services.change_person(
            user=obj,
            name=form.cleaned_data["name"],
            language=form.cleaned_data["language"],
            staff_groups=form.cleaned_data["staff_groups"],
            actor=request.user,
            now=timezone.now(),
        )

    @action(description=_("Close the accounts"))
    @service_action
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            services.deactivate_person(user=person, actor=request.user, now=timezone.now())
        messages.success(request, _("The accounts are closed; sessions and tokens have ended."))

    @action(description=_("Open the accounts again"))
    @service_action
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            services.reactivate_person(user=person, actor=request.user, now=timezone.now())
        messages.success(request, _("The accounts are open again."))


def _places() -> list[tuple[Any, Any]]:
    """Everything a person can be invited to, as `kind:id` (`staff:group`), in groups."""
    staff = [(f"{Kind.STAFF}:{group}", label) for group, label in StaffGroup.choices]
    places: list[tuple[Any, Any]] = [("", "–"), (Kind.STAFF.label, staff)]
    for kind, scopes in services.invitation_scopes():
        places.append((Kind(kind).label, [(f"{kind}:{pk}", name) for pk, name in scopes]))
    return places


class InvitationForm(forms.ModelForm):
    place = forms.ChoiceField(
        label=_("Invited to"),
        choices=_places,
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Type to search."),
    )
    leading = forms.BooleanField(
        label=_("As owner or lead contact"), required=False, initial=True, widget=UnfoldBooleanWidget
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("ko", "한국어"), ("en", "English")], widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Invitation
        fields = ("email", "name", "language")

    def _post_clean(self) -> None:
        """The service checks the invitation, which this form knows only in part."""


class InvitationStateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("prepared", _("not mailed yet")),
            ("open", _("waiting for an answer")),
            ("expired", _("expired")),
            ("accepted", _("accepted")),
            ("revoked", _("revoked")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        unanswered = Q(accepted_at=None, revoked_at=None)
        wanted = {
            "prepared": unanswered & Q(sent_at=None),
            "open": unanswered & Q(sent_at__isnull=False, expires_at__gt=now),
            "expired": unanswered & Q(sent_at__isnull=False, expires_at__lte=now),
            "accepted": Q(accepted_at__isnull=False),
            "revoked": Q(revoked_at__isnull=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Invitation)
class InvitationAdmin(ServiceModelAdmin):
    write_groups = EVERY_GROUP
    form = InvitationForm
    list_display = ("name", "email", "kind", "scope_label", "shown_state", "sent_at", "expires_at")
    list_filter = (InvitationStateFilter, "kind")
    search_fields = ("name", "email", "scope_label")
    actions = ("send", "revoke")
    shown_fields: ClassVar = (
        "email",
        "name",
        "kind",
        "scope_label",
        "level",
        "language",
        "state_in_words",
        "invited_by",
        "sent_at",
        "expires_at",
        "accepted_at",
        "accepted_by",
        "revoked_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        return selectors.invitations_for(request.user).order_by("-created_at", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return self.shown_fields if obj else ("email", "name", "place", "leading", "language")

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return self.shown_fields if obj else ()

    @display(
        description=_("state"),
        label={
            "prepared": "warning",
            "open": "info",
            "expired": "danger",
            "accepted": "success",
            "revoked": "danger",
        },
    )
    def shown_state(self, invitation: Invitation) -> tuple[str, Any]:
        if invitation.accepted_at:
            return "accepted", _("accepted")
        if invitation.revoked_at:
            return "revoked", _("revoked")
        if invitation.sent_at is None:
            return "prepared", _("not mailed yet")
        if not invitation.is_open(timezone.now()):
            return "expired", _("expired")
        return "open", _("waiting for an answer")

    @display(description=_("state"))
    def state_in_words(self, invitation: Invitation) -> str:
        return str(self.shown_state(invitation)[1])

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        kind, place = form.cleaned_data["place"].split(":", 1)
        staff = kind == Kind.STAFF
        invitation, _secret = services.invite(
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            language=form.cleaned_data["language"],
            kind=kind,
            scope_id=None if staff else int(place),
            level=place if staff else services.level_of(kind, leading=form.cleaned_data["leading"]),
            actor=request.user,
            now=timezone.now(),
            base_url=request.build_absolute_uri("/"),
        )
        obj.__dict__.update(invitation.__dict__)

    @action(description=_("Mail the invitations (again)"))
    @service_action
    def send(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        mail_soon(request, queryset)

    @action(description=_("Revoke the invitations"))
    @service_action
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        for invitation in queryset:
            services.revoke_invitation(invitation=invitation, actor=request.user, now=timezone.now())
        messages.success(request, _("The invitations are revoked; their addresses do not work any more."))


def mail_soon(request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
    """Hand the invitations among these that nobody has used to the worker, which mails them."""
    chosen = [
        invitation.pk
        for invitation in invitations.filter(accepted_at=None, revoked_at=None)
        if services.may_invite(request.user, invitation.kind, invitation.scope_id)
    ]
    base_url, now = request.build_absolute_uri("/"), timezone.now().isoformat()
    transaction.on_commit(lambda: mail_invitations.delay(chosen, base_url, now))
    messages.success(request, _("%(count)s invitations are being mailed.") % {"count": len(chosen)})


class TokenForm(forms.ModelForm):
    may_write = forms.BooleanField(label=_("May write"), required=False, widget=UnfoldBooleanWidget)

    class Meta:
        model = ApiToken
        fields = ("user", "name", "role", "expires_at")
        help_texts = {"role": _("staff, or the kind and number of what the person belongs to: founder:12.")}


@admin.register(ApiToken)
class ApiTokenAdmin(ServiceModelAdmin):
    form = TokenForm
    list_display = ("shown_prefix", "name", "user", "role", "scopes", "expires_at", "revoked_at")
    search_fields = ("name", "prefix", "user__name", "user__email")
    autocomplete_fields = ("user",)
    actions = ("revoke",)
    shown_fields: ClassVar = ("shown_prefix", "user", "name", "role", "scopes", "expires_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return selectors.tokens_for(request.user).select_related("user").order_by("-created_at", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.shown_fields if obj else ("user", "name", "role", "may_write", "expires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.shown_fields if obj else ()

    @display(description=_("begins with"))
    def shown_prefix(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        token, secret = services.issue_token(
            user=form.cleaned_data["user"],
            name=form.cleaned_data["name"],
            role=form.cleaned_data["role"],
            scopes=["read", "write"] if form.cleaned_data["may_write"] else ["read"],
            expires_at=form.cleaned_data["expires_at"],
            actor=request.user,
            now=timezone.now(),
        )
        obj.__dict__.update(token.__dict__)
        messages.warning(
            request, _("Copy the token now; it is not shown again: %(secret)s") % {"secret": secret}
        )

    @action(description=_("Revoke the tokens"))
    @service_action
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            services.revoke_token(token=token, actor=request.user, now=timezone.now())
        messages.success(request, _("The tokens are revoked."))
