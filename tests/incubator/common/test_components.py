import re
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from incubator.common.states import KINDS, LABELS, state_text
from incubator.common.templatetags import camp

ROOT = Path(__file__).resolve().parents[3]
STATES = tuple(LABELS)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def rendered(source: str, **context: object) -> str:
    return Template("{% load camp %}" + source).render(Context(context))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize("kind", STATES)
def test_a_state_is_a_word_with_its_mark(kind):
    html = rendered("{% state kind %}", kind=kind)
    assert words(html) == str(LABELS[kind])
    assert f"#{kind}" in html


def test_a_domain_word_finds_its_kind_and_keeps_its_label():
    html = rendered('{% state "cancelled" label %}', label="<Cancelled>")
    assert "state-refused" in html
    assert "&lt;Cancelled&gt;" in html


def test_a_state_in_plain_text_has_its_mark_too():
    assert [state_text(kind)[0] for kind in STATES] == ["○", "◐", "●", "✕", "▲"]
    assert state_text("cancelled", "Cancelled") == "✕ Cancelled"


def test_every_state_of_every_domain_has_a_kind():
    states = [
        enum
        for app in apps.get_app_configs()
        if app.name.partition(".")[0] in {"incubator", "tenants", "investors"}
        and find_spec(f"{app.name}.enums") is not None
        for name, enum in vars(import_module(f"{app.name}.enums")).items()
        if name.endswith("State")
    ]
    assert states
    assert {str(value) for enum in states for value in enum.values} - KINDS.keys() == set()


def test_an_unknown_state_is_a_mistake_and_not_a_guess():
    with pytest.raises(ValueError, match="states"):
        rendered('{% state "perhaps" %}')


def test_every_mark_and_icon_is_in_the_drawing():
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (ROOT / "static/icons.svg").read_text()))
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% (?:icon|mark) "(\w+)"', path.read_text())
    }
    assert used | set(STATES) | set(camp.NOTICE_MARKS.values()) <= drawn


def test_card_and_table_escape_what_they_are_given_and_keep_their_body():
    html = rendered('{% card title=title link="/x/" link_label="All" %}<b>body</b>{% endcard %}', title="<i>")
    assert "&lt;i&gt;" in html
    assert "<b>body</b>" in html
    html = rendered(
        '{% table title shown=12 total=73 noun="company" export_url="?x" %}<tbody></tbody>{% endtable %}',
        title="<i>",
    )
    assert words(html) == "12 of 73 companies Export the list &lt;i&gt;"


def test_a_meter_never_leaves_its_track_and_marks_what_is_over():
    assert 'width="62%"' in rendered('{% meter 62 100 "used" %}')
    over = rendered('{% meter 130 100 "used" %}')
    assert 'width="100%"' in over
    assert "meter-attention" in over
    assert 'width="0%"' in rendered('{% meter 5 0 "used" %}')


def test_charts_bring_their_numbers_as_a_table():
    points = [(date(2026, 11, 21), Decimal("1.250")), (date(2026, 11, 22), Decimal("2.500"))]
    html = rendered('{% line_chart points "Daily use" "PF·h" %}', points=points)
    assert words(html[html.index("<tbody>") :]) == "21 Nov 2026 1.250 22 Nov 2026 2.500"
    assert (
        'aria-label="Daily use. Highest 2.500 PF·h (22 Nov 2026), latest 2.500 PF·h (22 Nov 2026)."' in html
    )
    assert words(rendered('{% bar_chart points "Use" %}', points=[])) == ""


def test_reasons_add_up_beside_their_total():
    reasons = [
        {"label": "Sector", "points": Decimal("0.3")},
        {"label": "Stage", "points": Decimal("0.15"), "share": Decimal("0.25")},
    ]
    html = rendered("{% score_reasons reasons total %}", reasons=reasons, total=Decimal("0.45"))
    assert words(html) == "Sector 0.300 Stage 0.150 Total 0.450"
    assert re.findall(r'class="fill" width="([\d.]+)%"', html) == ["100", "25"]


def test_a_heading_sorts_both_ways_and_keeps_the_filters():
    def href(query: str) -> str:
        request = RequestFactory().get(f"/leases/?{query}")
        html = Template('{% load camp %}{% sort_header "end" "Last day" %}').render(
            Context({"request": request})
        )
        return re.search(r'href="([^"]+)"', html)[1].replace("&amp;", "&")

    assert href("q=a&page=3") == "?q=a&sort=end"
    assert href("q=a&sort=end") == "?q=a&sort=-end"
    assert href("q=a&sort=-end") == "?q=a&sort=end"


def test_pages_link_to_their_neighbours():
    request = RequestFactory().get("/leases/?q=a&page=2")
    page = Paginator(range(73), 20).page(2)
    html = Template("{% load camp %}{% pagination page %}").render(
        Context({"request": request, "page": page})
    )
    assert words(html) == "Previous page Page 2 of 4 Next page"
    assert re.findall(r'href="([^"]+)"', html) == ["?q=a&amp;page=1", "?q=a&amp;page=3"]
    single = Paginator(range(3), 20).page(1)
    assert words(Template("{% load camp %}{% pagination page %}").render(Context({"page": single}))) == ""


def test_what_cannot_be_undone_is_asked_once_with_its_consequence():
    html = Template(
        '{% load camp %}{% confirm action="/cancel/" label="Cancel the booking" button="Yes, cancel it" '
        'consequence="The slot goes to the waiting list." %}<input name="reason">{% endconfirm %}'
    ).render(Context({"csrf_token": "token"}))
    assert words(html) == "Cancel the booking The slot goes to the waiting list. Yes, cancel it"
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="token">' in html
    assert 'name="reason"' in html


def test_no_template_carries_style_or_script_of_its_own():
    inline = re.compile(
        r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)(?![^>]*type="application/json")"""
    )
    offenders = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "admin" not in path.parts and inline.search(path.read_text())
    }
    assert offenders == set()


def test_the_stylesheet_and_the_script_stay_small():
    assert (ROOT / "static/css/camp.css").stat().st_size < 40_000
    assert (ROOT / "static/js/camp.js").stat().st_size < 6_000


def test_the_phones_bar_holds_five():
    places = [{"label": str(place), "url": f"/{place}/", "primary": place != 1} for place in range(8)]
    html = rendered("{% bottom_bar navigation %}", navigation=places)
    assert words(html[: html.index("<details")]) == "0 2 3 4"
    few = rendered("{% bottom_bar navigation %}", navigation=places[:5])
    assert words(few) == "0 1 2 3 4"


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413"])
def test_error_pages_say_where_to_go_even_when_nothing_is_known(name):
    html = render_to_string(f"{name}.html")
    assert '<a class="button" href="/">' in html


def test_the_page_of_last_resort_needs_nothing():
    assert not re.search(r"{[{%]", (ROOT / "templates/500.html").read_text())
