"""The managers' queue of requests: what it is, its history, and the next step."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from incubator.common.admin import ReadOnlyAdmin, ServiceModelAdmin
from incubator.common.display import day, dday, moment
from incubator.common.forms import DayField
from incubator.common.verbs import verb_page

from . import selectors, services
from .enums import CAMPS_TURN, EventKind, RequestState, Urgency
from .models import TEXT, Category, HelpRequest, RequestEvent
from .rules import HANDLERS

STATE_COLOURS = {
    RequestState.RECEIVED: "info",
    RequestState.IN_PROGRESS: "warning",
    RequestState.WAITING: "default",
    RequestState.REOPENED: "danger",
    RequestState.SOLVED: "success",
    RequestState.CLOSED: "default",
    RequestState.DECLINED: "default",
}
URGENCY_COLOURS = {Urgency.HIGH: "danger", Urgency.NORMAL: "default", Urgency.LOW: "default"}


class MessageForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy("The company reads it."),
        max_length=TEXT,
        widget=UnfoldAdminTextareaWidget,
    )


class OptionalMessageForm(MessageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False


class NoteForm(MessageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = gettext_lazy("Only the camp office reads it.")


class AssignForm(forms.Form):
    owner: Any = forms.ModelChoiceField(
        label=gettext_lazy("In charge"), queryset=None, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["owner"]
        chosen.queryset = selectors.handlers()


class DueForm(forms.Form):
    due_on = DayField(label=gettext_lazy("Due"), widget=UnfoldAdminDateWidget)
    text = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The company reads it."),
        max_length=400,
        required=False,
        widget=UnfoldAdminTextareaWidget,
    )


class QueueFilter(admin.SimpleListFilter):
    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", _("In my hands")),
            ("nobody", _("In nobody's hands")),
            ("turn", _("The camp's turn")),
            ("overdue", _("Overdue")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        turn = queryset.filter(state__in=CAMPS_TURN)
        if self.value() == "mine":
            return turn.filter(owner_id=request.user.pk)
        if self.value() == "nobody":
            return turn.filter(owner=None)
        if self.value() == "overdue":
            return selectors.overdue(queryset, timezone.localdate())
        return turn if self.value() == "turn" else queryset


@admin.register(HelpRequest)
class HelpRequestAdmin(ReadOnlyAdmin):
    write_groups = HANDLERS
    list_display = (
        "title",
        "company",
        "state_shown",
        "due",
        "in_charge",
        "about",
        "urgency_shown",
        "reported",
    )
    list_filter = (QueueFilter, "state", ("category", admin.RelatedOnlyFieldListFilter))
    search_fields = ("title", "company__name", "company__name_en")
    actions_detail = ("answer", "take", "ask_back", "solve", "note", "assign", "new_due", "decline")
    fields = readonly_fields = (
        "company",
        "title",
        "text_shown",
        "state_shown",
        "due",
        "in_charge",
        "about",
        "urgency_shown",
        "place",
        "asked_by",
        "reported",
        "satisfaction",
        "history_shown",
    )
    # Which steps can be taken in which state; a note always.
    possible: dict[str, tuple[str, ...]] = {
        "answer": (*CAMPS_TURN, RequestState.WAITING, RequestState.SOLVED),
        "take": (RequestState.RECEIVED, RequestState.REOPENED, RequestState.WAITING),
        "ask_back": CAMPS_TURN,
        "solve": (*CAMPS_TURN, RequestState.WAITING),
        "decline": (*CAMPS_TURN, RequestState.WAITING),
        "assign": (*CAMPS_TURN, RequestState.WAITING, RequestState.SOLVED),
        "new_due": (*CAMPS_TURN, RequestState.WAITING),
        "note": tuple(RequestState.values),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[HelpRequest]:
        found = selectors.requests_for(request.user).select_related("owner", "asked_by")
        return selectors.in_queue_order(found)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return selectors.QUEUE_ORDER

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Read once a request: its page asks for it again for the actions."""
        known: dict[str, Any] = request.__dict__.setdefault("_help_requests", {})
        if object_id not in known:
            known[object_id] = asked = super().get_object(request, object_id, from_field)
            if asked is not None:
                # A column knows no reader, and a history is asked for by one.
                asked.reader = request.user
        return known[object_id]

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        asked = self.get_object(request, str(object_id))
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if asked
            and any(
                each.action_name.endswith(f"_{name}") and asked.state in states
                for name, states in self.possible.items()
            )
        ]

    def _step(
        self,
        request: HttpRequest,
        object_id: Any,
        form_class: type[forms.Form],
        service: Callable[..., Any],
        **page: Any,
    ) -> HttpResponse:
        asked = self.get_object(request, str(object_id))
        if asked is None:
            raise Http404
        return verb_page(
            self,
            request,
            obj=asked,
            form_class=form_class,
            explanation=f"{asked.company} · {asked.title} · {asked.text}",
            perform=lambda values: service(request=asked, actor=request.user, now=timezone.now(), **values),
            initial={"due_on": asked.due_on, "owner": asked.owner_id},
            **page,
        )

    @action(
        description=gettext_lazy("Write to the company"),
        url_path="answer",
        permissions=["manage"],
        icon="reply",
    )
    def answer(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            MessageForm,
            services.answer,
            title=_("Write to the company"),
            button=_("Send the message"),
            done=_("The message is sent."),
        )

    @action(
        description=gettext_lazy("Take in hand"), url_path="take", permissions=["manage"], icon="play_arrow"
    )
    def take(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            OptionalMessageForm,
            services.start,
            title=_("Take in hand"),
            button=_("Take in hand"),
            done=_("The request is in progress."),
        )

    @action(
        description=gettext_lazy("Ask the company"),
        url_path="ask-back",
        permissions=["manage"],
        icon="help",
    )
    def ask_back(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            MessageForm,
            services.wait_for_company,
            title=_("Ask the company"),
            button=_("Ask and wait for the answer"),
            done=_("The request waits for the company."),
        )

    @action(description=gettext_lazy("Solved"), url_path="solve", permissions=["manage"], icon="check")
    def solve(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            MessageForm,
            services.solve,
            title=_("Solved: what was done"),
            button=_("Tell the company that it is solved"),
            done=_("The company is asked whether it is solved."),
        )

    @action(
        description=gettext_lazy("Internal note"),
        url_path="note",
        permissions=["manage"],
        icon="sticky_note_2",
    )
    def note(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            NoteForm,
            services.note,
            title=_("Internal note"),
            button=_("Keep the note"),
            done=_("The note is kept. The company does not see it."),
        )

    @action(description=gettext_lazy("Assign"), url_path="assign", permissions=["manage"], icon="person")
    def assign(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            AssignForm,
            services.assign,
            title=_("Who is in charge"),
            button=_("Put it into these hands"),
            done=_("The request has another person in charge."),
        )

    @action(description=gettext_lazy("New due day"), url_path="due", permissions=["manage"], icon="event")
    def new_due(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            DueForm,
            services.set_due,
            title=_("New due day"),
            button=_("Promise this day"),
            done=_("The request has a new due day."),
        )

    @action(description=gettext_lazy("Decline"), url_path="decline", permissions=["manage"], icon="close")
    def decline(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._step(
            request,
            object_id,
            MessageForm,
            services.decline,
            title=_("Decline, and why"),
            button=_("Decline the request"),
            done=_("The request is declined."),
        )

    @display(description=gettext_lazy("state"), label=STATE_COLOURS, ordering="state")
    def state_shown(self, asked: HelpRequest) -> tuple[str, str]:
        return asked.state, asked.get_state_display()

    @display(description=gettext_lazy("urgency"), label=URGENCY_COLOURS, ordering="urgency")
    def urgency_shown(self, asked: HelpRequest) -> tuple[str, str]:
        return asked.urgency, asked.get_urgency_display()

    @display(description=gettext_lazy("due"), ordering="due_on")
    def due(self, asked: HelpRequest) -> str:
        today = timezone.localdate()
        if not asked.is_open:
            return day(asked.due_on)
        late = "▲ " if asked.is_overdue(today) else ""
        return f"{late}{day(asked.due_on)} · {dday(asked.due_on, today)}"

    @display(description=gettext_lazy("in charge"), ordering="owner__name")
    def in_charge(self, asked: HelpRequest) -> str:
        return asked.owner.name if asked.owner else _("nobody yet")

    @display(description=gettext_lazy("category"), ordering="category__position")
    def about(self, asked: HelpRequest) -> str:
        return asked.category.display_name

    @display(description=gettext_lazy("reported"), ordering="asked_at")
    def reported(self, asked: HelpRequest) -> str:
        return moment(asked.asked_at)

    @display(description=gettext_lazy("what happened"))
    def text_shown(self, asked: HelpRequest) -> SafeString:
        return format_html('<div class="office-letter">{}</div>', asked.text)

    @display(description=gettext_lazy("history"))
    def history_shown(self, asked: Any) -> SafeString:
        if not hasattr(asked, "told"):  # the page shows a column by asking for it several times
            asked.told = selectors.history_of(asked.reader, asked)
        rows = format_html_join("", "<li>{}</li>", ((_line(each),) for each in asked.told))
        return format_html('<ol class="office-history">{}</ol>', rows)


def _line(event: RequestEvent) -> SafeString:
    """One line of a history as a manager reads it: who, when, what, and its photographs."""
    who = event.actor_name or _("by itself")
    what = event.get_kind_display()
    if event.kind == EventKind.STATE:
        what = f"{event.get_from_state_display()} → {event.get_to_state_display()}"
    elif event.kind == EventKind.DUE:
        what = f"{what}: {day(event.due_on)}"
    photos = format_html_join(
        " ",
        '<a href="{}">{}</a>',
        (
            (
                reverse("helpdesk_office:photo", args=[photo.pk]),
                _("Photograph %(number)s") % {"number": number},
            )
            for number, photo in enumerate(event.photos.all(), 1)
        ),
    )
    return format_html(
        '<p><b>{}</b> · {} · {}</p><div class="office-letter{}">{}</div>{}',
        what,
        who,
        moment(event.at),
        " office-internal" if event.internal else "",
        event.text,
        photos,
    )


@admin.register(Category)
class CategoryAdmin(ServiceModelAdmin):
    write_groups = HANDLERS
    list_display = ("shown", "working_days", "silence_days", "owner", "position", "active")
    list_select_related = ("owner",)
    fields = ("code", "name", "name_en", "working_days", "silence_days", "owner", "position", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return selectors.categories_for(request.user)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = selectors.handlers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        services.change_category(category=obj, actor=request.user, **form.cleaned_data)

    @display(description=gettext_lazy("category"), ordering="position")
    def shown(self, category: Category) -> str:
        return category.display_name
