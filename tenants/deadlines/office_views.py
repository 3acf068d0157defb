"""All deadlines of all companies on one page for managers, what comes first on top."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incubator.accounts.acting import acting_of
from incubator.common.downloads import Cell, csv_response, xlsx_response
from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import selectors, services
from .clocks import Clock
from .enums import Responsible
from .rules import may_manage_deadlines

PAGE = 50
_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
_WITHIN = {"late": -1, "7": 7, "30": 30, "60": 60, "90": 90}


@dataclass(frozen=True)
class Choice:
    """One link of a filter: what it is called, where it leads, and how many it would show."""

    label: str
    query: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Asked:
    """What the address asks for; anything else in it is as if it were not there."""

    kind: str
    company: str
    within: str
    who: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        get = request.GET
        return cls(
            get.get("kind", "")[:40],
            get.get("company", "").strip()[:80],
            get.get("within", "") if get.get("within") in _WITHIN else "",
            get.get("who", "") if get.get("who") in Responsible.values else "",
        )

    def query(self, **changed: str) -> str:
        values = {name: getattr(self, name) for name in ("kind", "company", "within", "who")} | changed
        return urlencode({name: value for name, value in values.items() if value})

    def fits(self, clock: Clock, today: date, *, but: str = "") -> bool:
        """Whether the clock is asked for, `but` for one of the filters."""
        return all(
            (
                but == "kind" or not self.kind or clock.filter == self.kind,
                not self.company or self.company.casefold() in clock.company.casefold(),
                but == "within" or not self.within or clock.days_left(today) <= _WITHIN[self.within],
                but == "who" or not self.who or clock.responsible == self.who,
            )
        )


def _found(request: HttpRequest) -> tuple[date, Asked, list[Clock], list[Clock]]:
    today, asked = timezone.localdate(), Asked.of(request)
    everything = selectors.clocks_for(request.user, today)
    return today, asked, everything, [each for each in everything if asked.fits(each, today)]


def _kinds(asked: Asked, clocks: Sequence[Clock], today: date) -> Iterator[Choice]:
    fitting = [each for each in clocks if asked.fits(each, today, but="kind")]
    counts = Counter(each.filter for each in fitting)
    titles = {each.filter: each.title for each in clocks}
    yield Choice(_("Everything"), asked.query(kind=""), not asked.kind, len(fitting))
    for name, title in sorted(titles.items(), key=lambda pair: pair[1]):
        yield Choice(title, asked.query(kind=name), asked.kind == name, counts[name])


def _windows(asked: Asked, clocks: Sequence[Clock], today: date) -> Iterator[Choice]:
    fitting = [each for each in clocks if asked.fits(each, today, but="within")]
    yield Choice(_("Whenever"), asked.query(within=""), not asked.within, len(fitting))
    for name, most in _WITHIN.items():
        label = (
            _("Overdue")
            if most < 0
            else ngettext("within %(days)s day", "within %(days)s days", most) % {"days": most}
        )
        count = sum(each.days_left(today) <= most for each in fitting)
        yield Choice(label, asked.query(within=name), asked.within == name, count)


def _people(asked: Asked) -> Iterator[Choice]:
    yield Choice(_("Whoever is responsible"), asked.query(who=""), not asked.who)
    for value, label in Responsible.choices:
        yield Choice(str(label), asked.query(who=value), asked.who == value)


@require_safe
def clocks(request: Any) -> HttpResponse:
    """`?kind=&company=&within=late|7|30|60|90&who=company|camp&page=`: an address that can be shared."""
    today, asked, everything, found = _found(request)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": _("Deadlines"),
        "today": today,
        "asked": asked,
        "page": page,
        "rows": [(each, each.days_left(today)) for each in page],
        "late": sum(each.days_left(today) < 0 for each in found),
        "shown_companies": len({each.company_id for each in found}),
        "all_companies": len({each.company_id for each in everything}),
        "kinds": list(_kinds(asked, everything, today)),
        "windows": list(_windows(asked, everything, today)),
        "people": list(_people(asked)),
        "query": asked.query(),
        "may_send": may_manage_deadlines(request.user) and not acting_of(request.user).read_only,
    }
    return TemplateResponse(request, "admin/deadlines/clocks.html", context)


@require_safe
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """What the page would show with the same filters, all of it, as csv or xlsx."""
    if kind not in _FORMATS:
        raise Http404
    today, _asked, _everything, found = _found(request)
    return _FORMATS[kind](f"deadlines-{today:%Y-%m-%d}", _rows(found, today))


def _rows(found: Sequence[Clock], today: date) -> Iterator[list[Cell]]:
    yield [
        _("Due"),
        _("Days left"),
        _("Company"),
        _("Deadline"),
        _("About"),
        _("What to do"),
        _("Responsible"),
    ]
    for each in found:
        yield [
            each.due,
            each.days_left(today),
            each.company,
            each.title,
            each.label,
            each.todo,
            each.responsible_label,
        ]


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Today's reminders now. What was sent already is not sent again."""
    try:
        run = services.remind(actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("%(count)s digest goes out.", "%(count)s digests go out.", run.digests)
        messages.success(
            request,
            said % {"count": run.digests} if run.digests else _("Everyone has been told already."),
        )
    return redirect("deadlines_office:clocks")


@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A company's evidence to a manager. Under /admin/, so staff's alone."""
    found = get_object_or_404(selectors.duties_for(request.user), pk=pk)
    return stored_response(found.evidence, name=found.evidence_name, content_type=found.evidence_type)
