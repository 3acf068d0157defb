"""The company's papers for its founders, and the page on which anyone finds out whether a paper is genuine."""

import hashlib
import hmac
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.papers import pdf_response

from . import selectors, services
from .codes import read_code, shown_code
from .errors import PaperDamaged
from .forms import CompareForm, VerifyForm

PAGE_SIZE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    paginator = Paginator(selectors.papers_for(request.user).defer("content"), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    return render(request, "tenants/papers/home.html", {"page": page, "papers": page.object_list})


@require_safe
def paper_file(request: HttpRequest, pk: int) -> HttpResponse:
    paper = get_object_or_404(selectors.papers_for(request.user).defer("content"), pk=pk)
    try:
        content = services.file_of(paper)
    except PaperDamaged as error:
        messages.error(request, str(error))
        return redirect("papers:home")
    return pdf_response(f"{paper.title} {paper.code_shown}", content)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form. A code in `?code=` or with a file leads to the paper's own page, or to the answer that there is none."""
    if request.method != "POST":
        if "code" not in request.GET:
            return _page(request, {"form": VerifyForm()})
        form = VerifyForm({"code": request.GET["code"]})
        if not form.is_valid():
            return _page(request, {"form": form})
        code = read_code(form.cleaned_data["code"])
        return redirect("verify:code", code=shown_code(code)) if code else _none(request, form)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": form})
    return _answer(request, form.cleaned_data["code"], form)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the paper with this code is genuine and still good; a posted file or SHA-256 is compared with it."""
    known = read_code(code)
    if known and shown_code(known) != code and request.method != "POST":
        return redirect("verify:code", code=shown_code(known))
    form = CompareForm(request.POST, request.FILES) if request.method == "POST" else CompareForm()
    return _answer(request, code, form)


def _answer(request: HttpRequest, typed: str, form: CompareForm) -> HttpResponse:
    code = read_code(typed)
    face = selectors.face_of(code) if code else None
    if face is None:
        return _none(request, VerifyForm({"code": typed}), mistyped=code is None)
    same = _is_same(form, face.pdf_sha256) if form.is_bound and form.is_valid() else None
    compare = form if form.is_bound and not form.is_valid() else CompareForm()
    return _page(request, {"face": face, "code": shown_code(face.code), "same": same, "form": compare})


def _is_same(form: CompareForm, issued: str) -> bool | None:
    """Whether what was sent is the very file that was issued; None when nothing was sent."""
    found: str = form.cleaned_data["sha256"]
    if file := form.cleaned_data["file"]:
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        found = digest.hexdigest()
    return hmac.compare_digest(found, issued) if found else None


def _none(request: HttpRequest, form: VerifyForm, *, mistyped: bool = True) -> HttpResponse:
    form.add_error(
        "code",
        _("This is no code of ours: a letter is wrong or missing. Please compare it with the paper.")
        if mistyped
        else _("No paper was issued with this code."),
    )
    return _page(request, {"form": form, "unknown": True}, status=404)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "tenants/papers/verify.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
