"""The monthly statement of a founder's company, as page, PDF, CSV and JSON."""

import json
from datetime import datetime
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.downloads import csv_response
from incubator.common.models import CampSettings
from incubator.common.papers import pdf, pdf_response
from tenants.compute import statement_lines
from tenants.compute.selectors import statements

PAGE_SIZE = 50
KINDS = ("pdf", "csv", "json")


@require_safe
def months(request: HttpRequest) -> HttpResponse:
    lines = statements.months_of(request.user, timezone.localdate())
    return render(request, "tenants/compute/statements.html", {"lines": lines})


@require_safe
def statement(request: HttpRequest, month: str) -> HttpResponse:
    """What was booked in a month. The company is the one that the person acts for; nobody can name another."""
    found = _found(request, month, timezone.now())
    charges = statements.charges_of(request.user, found)
    paginator = Paginator(charges, PAGE_SIZE)
    paginator.count = found.jobs  # added up from the postings: not counted job by job
    context = {
        "statement": found,
        "company": found.company,
        "summary": statement_lines.summary(found),
        "parts": statement_lines.parts(found),
        "movements": statement_lines.movements(found),
        "page": paginator.get_page(request.GET.get("page")),
    }
    return render(request, "tenants/compute/statement.html", context)


@require_safe
def download(request: HttpRequest, month: str, kind: str) -> HttpResponse:
    """The statement as a file; `kind` is pdf, csv or json."""
    if kind not in KINDS:
        raise Http404
    now = timezone.now()
    name = _("credits-%(month)s") % {"month": month}
    if kind == "json":
        return _json(request, month, name, now)
    found = _found(request, month, now)
    charges = statements.charges_of(request.user, found)
    if kind == "csv":
        return csv_response(name, statement_lines.csv_rows(found, charges))
    document = statements.document_of(request.user, found.month, now)
    content = statement_lines.paper(
        found,
        charges[: statement_lines.CHARGES_ON_PAPER],
        camp=CampSettings.current(),
        seal=document["seal"] if document else "",
        now=now,
    )
    return pdf_response(name, pdf("tenants/compute/statement.typ", content, made_at=now))


def _json(request: HttpRequest, month: str, name: str, now: datetime) -> HttpResponse:
    document = statements.document_of(request.user, _month(month), now)
    if document is None:
        raise Http404
    text = json.dumps(document, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.json"
    return response


def _month(text: str) -> statements.Month:
    """Of `YYYY-MM`; 404 for anything else."""
    found = statements.Month.named(text)
    if found is None:
        raise Http404
    return found


def _found(request: HttpRequest, month: str, now: datetime) -> statements.Statement:
    """404 for months in which nothing could have been booked."""
    found = statements.statement_of(request.user, _month(month), now)
    if found is None:
        raise Http404
    return found
