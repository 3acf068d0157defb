"""Components of every page, and the filters that put numbers and days in the reader's form.

Tags with a body
    card        {% card title=_("Lease") link=url link_label=_("See the lease") %}…{% endcard %}
    notice      {% notice "warning" title=_("…") %}…{% endnotice %}; information, success, warning or danger
    table       {% table _("Caption") id="leases" shown=12 total=73 noun="company" %}…{% endtable %}
    confirm     {% confirm action=url label=_("…") button=_("…") consequence=_("…") %}fields{% endconfirm %}
Tags
    figure state meter line_chart bar_chart score_reasons todo_list empty_state pagination count_sentence
    sort_header icon form_errors
Filters
    the functions of incubator.common.display by the same names, and `pfh_unit`

Nothing here queries the database, writes a style attribute or needs JavaScript.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import charts, display
from incubator.common.counts import counted
from incubator.common.periods import last_day as last_day_of
from incubator.common.states import LABELS, state_kind

register = template.Library()

BAR = 5

for _filter in (
    display.won_exact,
    display.number,
    display.pfh,
    display.day,
    display.day_short,
    display.month,
    display.clock,
    display.moment,
    display.period,
    display.dday,
    display.square_metres,
    display.percent,
    display.ratio,
    display.score,
    display.hours,
    display.business_number,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def won(krw: int | None) -> str:
    """The amount for reading; where it is shortened, the exact one is its title."""
    shown = display.won(krw)
    exact = display.won_exact(krw)
    return (
        shown if shown == exact else format_html('<data value="{}" title="{}">{}</data>', krw, exact, shown)
    )


@register.filter
def pfh_unit(gflop: int | None) -> SafeString:
    """46.215 PF·h, the unit small and grey."""
    return format_html('<span class="nowrap">{} <small class="unit">PF·h</small></span>', display.pfh(gflop))


@register.filter
def tb(amount: int | None) -> str:
    """1,234.567 TB of an amount in bytes."""
    return display.terabytes(amount)


@register.filter
def last_day(period: Any) -> date | None:
    """The last day that a half-open range of days holds."""
    return last_day_of(period) if period else None


@register.simple_tag
def state(word: str, label: str = "") -> SafeString:
    """A state as a word with its mark: {% state booking.status booking.get_status_display %}."""
    kind = state_kind(word)
    return format_html('<span class="state state-{}">{}{}</span>', kind, mark(kind), label or LABELS[kind])


@register.simple_tag
def mark(kind: str) -> SafeString:
    """The mark of a state alone, for where its word stands beside it anyway."""
    return format_html(
        '<svg class="mark mark-{0}" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">'
        '<use href="{1}#{0}"></use></svg>',
        kind,
        static("icons.svg"),
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative line icon of static/icons.svg."""
    return format_html(
        '<svg class="icon" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">'
        '<use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    link: str = "",
    link_label: str = "",
    level: int = 2,
    id: str = "",  # noqa: A002 - it is the attribute's name
    tone: str = "",
) -> str:
    """A white card: `title` is its small heading of `level`, `link` the one place to read more.

    `tone` "quiet" takes the white away.
    """
    return render_to_string(
        "components/card.html",
        {
            "content": content,
            "title": title,
            "link": link,
            "link_label": link_label or title,
            "heading": f"h{int(level)}",
            "id": id,
            "tone": tone,
        },
    )


NOTICE_WORDS = {
    "information": gettext_lazy("For your information"),
    "success": gettext_lazy("Done"),
    "warning": gettext_lazy("Attention"),
    "danger": gettext_lazy("Refused"),
}
NOTICE_MARKS = {
    "information": "information",
    "success": "success",
    "warning": "attention",
    "danger": "refused",
}


@register.simple_block_tag
def notice(content: str, kind: str = "information", title: str = "") -> str:
    """A paragraph that must be seen; `kind` is information, success, warning or danger."""
    if kind not in NOTICE_WORDS:
        raise ValueError(f"unknown kind of notice {kind!r}")
    return render_to_string(
        "components/notice.html",
        {
            "content": content,
            "kind": kind,
            "title": title,
            "word": NOTICE_WORDS[kind],
            "mark_name": NOTICE_MARKS[kind],
        },
    )


@register.simple_block_tag(takes_context=True)
def confirm(
    context: template.Context,
    content: str,
    action: str = "",
    label: str = "",
    button: str = "",
    consequence: str = "",
) -> str:
    """Something that cannot be undone, asked once: `label` opens `consequence` and a `button` that posts.

    The body goes into the form before the button. Works without JavaScript.
    """
    return render_to_string(
        "components/confirm.html",
        {
            "content": content,
            "action": action,
            "label": label,
            "button": button or label,
            "consequence": consequence,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_tag
def figure(value: Any, unit: str = "", note: str = "") -> SafeString:
    """The one number of a card, its unit small and grey after it."""
    unit_part = format_html(" <small>{}</small>", unit) if unit else ""
    note_part = format_html('<p class="note">{}</p>', note) if note else ""
    return format_html('<p class="figure">{}{}</p>{}', value, unit_part, note_part)


@register.inclusion_tag("components/meter.html")
def meter(
    value: Decimal | int, maximum: Decimal | int, label: str, attention: bool = False
) -> dict[str, Any]:
    """A bar of `value` in `maximum`, said in words by `label`; over the maximum it is full and marked."""
    share = Decimal(value) / Decimal(maximum) * 100 if maximum else Decimal(0)
    return {
        "width": charts.percent(min(max(share, Decimal(0)), Decimal(100))),
        "label": label,
        "attention": attention or share > 100,
    }


@register.inclusion_tag("components/line_chart.html")
def line_chart(
    points: Sequence[charts.Point],
    label: str,
    unit: str = "",
    forecast: Sequence[charts.Point] = (),
    height: int = 120,
) -> dict[str, Any]:
    """A line from zero over days (or words), the same data behind "show as a table".

    `forecast` goes on as a dashed line; `height` of the plot in pixels.
    """
    return {"chart": charts.line(points, forecast=forecast, height=height), "label": label, "unit": unit}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(
    points: Sequence[charts.Point], label: str, unit: str = "", highlight: int | None = -1, height: int = 140
) -> dict[str, Any]:
    """One bar a month (or word) from zero; `highlight` is the index of the bar that carries its number."""
    return {"chart": charts.bars(points, highlight=highlight, height=height), "label": label, "unit": unit}


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@register.inclusion_tag("components/score_reasons.html")
def score_reasons(
    reasons: Sequence[Any], total: Decimal | None = None, missing: Sequence[Any] = ()
) -> dict[str, Any]:
    """The reasons of a match: objects or dicts with label, points and, where known, share, weight (0 to 1) and note.

    Without `share` a bar is drawn against the largest points of the list. `missing` are the labels of what is not known.
    """
    most = max((Decimal(_get(reason, "points")) for reason in reasons), default=Decimal(0)) or Decimal(1)
    rows = []
    for reason in reasons:
        points = Decimal(_get(reason, "points"))
        share = _get(reason, "share")
        width = (Decimal(share) if share is not None else points / most) * 100
        rows.append(
            {
                "label": _get(reason, "label"),
                "points": points,
                "note": _get(reason, "note"),
                "weight": _get(reason, "weight"),
                "width": charts.percent(min(max(width, Decimal(0)), Decimal(100))),
            }
        )
    return {"rows": rows, "total": total, "missing": missing}


@register.inclusion_tag("components/todo_list.html")
def todo_list(items: Sequence[Any], empty: str = "") -> dict[str, Any]:
    """What waits for the reader: objects or dicts with kind (a state), title, note, url and action."""
    rows = [{name: _get(item, name) for name in ("title", "note", "url", "action")} for item in items]
    for row, item in zip(rows, items, strict=True):
        row["kind"] = state_kind(_get(item, "kind") or "waiting")
    return {"rows": rows, "empty": empty or _("Nothing waits for you.")}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", url: str = "", label: str = "") -> dict[str, Any]:
    """What will be here, and how to make the first one."""
    return {"title": title, "text": text, "url": url, "label": label}


@register.simple_tag
def form_errors(form: Any) -> str:
    """The summary of a form's errors with links to the fields, for pages that render fields by hand."""
    return render_to_string("components/form_errors.html", {"form": form})


@register.simple_tag
def count_sentence(shown: int, total: int, noun: str) -> str:
    """12 of 73 companies, with the Korean counting word of `noun` (a key of incubator.common.counts.ALL)."""
    return counted(noun, shown, total)


@register.simple_block_tag
def table(
    content: str,
    caption: str = "",
    id: str = "table",  # noqa: A002 - it is the attribute's name
    shown: int | None = None,
    total: int | None = None,
    noun: str = "item",
    summary: str = "",
    export_url: str = "",
) -> str:
    """A table with its count sentence and export above it; `caption` names it for screen readers.

    The header stays in sight while the page scrolls; under 640 pixels each row becomes a card that takes the
    words before its values from `data-label`. Sort and page links reload only the region with this `id`.
    """
    if not summary and shown is not None and total is not None:
        summary = counted(noun, shown, total)
    return render_to_string(
        "components/table.html",
        {"content": content, "caption": caption, "id": id, "summary": summary, "export_url": export_url},
    )


def _with_parameters(context: template.Context, **changes: str | int) -> str:
    """The page's own address with these parameters changed and `page` dropped unless it is among them."""
    request = context.get("request")
    parameters = request.GET.copy() if request else QueryDict(mutable=True)
    parameters.pop("page", None)
    for name, value in changes.items():
        parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context,
    name: str,
    label: str,
    number: bool = False,
    table: str = "table",
    default: str = "",
) -> dict[str, Any]:
    """A column's heading that sorts by `?sort=name`, and the other way round when pressed again.

    `default` is the sort in force while the address names none ("-name" for descending).
    """
    request = context.get("request")
    current = (request.GET.get("sort") if request else None) or default
    ascending, descending = current == name, current == f"-{name}"
    return {
        "href": _with_parameters(context, sort=f"-{name}" if ascending else name),
        "name": name,
        "label": label,
        "number": number,
        "table": table,
        "direction": "ascending" if ascending else "descending" if descending else "",
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: Any, table: str = "table") -> dict[str, Any]:
    """Earlier and later pages of a Django Page; nothing when there is only one."""
    pages = page_obj.paginator.num_pages
    return {
        "pages": pages,
        "number": page_obj.number,
        "table": table,
        "previous": _with_parameters(context, page=page_obj.number - 1) if page_obj.has_previous() else "",
        "next": _with_parameters(context, page=page_obj.number + 1) if page_obj.has_next() else "",
    }


@register.inclusion_tag("components/bottom.html")
def bottom_bar(navigation: Sequence[Any]) -> dict[str, Any]:
    """The phone's bar of five: all places where they fit, else four primary ones and everything behind the fifth."""
    if len(navigation) <= BAR:
        return {"bar": navigation, "rest": False}
    primary = [item for item in navigation if _get(item, "primary")]
    return {"bar": primary[: BAR - 1], "rest": True, "navigation": navigation}
