"""The public's pages: open calls, and an applicant's own application behind the link that was mailed.

All of them run under the public role, whoever is signed in; what an applicant reaches is said by the link's secret, whose hash
the session remembers.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.accounts.tokens import hash_of
from incubator.common.dbroles import applying
from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import consent, selectors, services
from .enums import WITHDRAWABLE_STATES, ApplicationState
from .errors import LinkExpired
from .forms import AskForm, DeclineForm, ExtraFileForm
from .links import Bearer
from .models import Application
from .questionnaire import RESIDENT_NUMBER, Questionnaire, bound, progress_of, questions_of, typed

SESSION_KEY = "application"


def page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Everybody's: no sign-in is asked for, and no cache keeps it."""
    return never_cache(login_not_required(view))


def with_application(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view gets the Bearer and their application. Without a valid link there is only the way to a new one."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token_hash = request.session.get(SESSION_KEY, "")
        if not token_hash:
            return redirect("intake:home")
        with applying(token_hash):
            bearer = selectors.bearer_of(token_hash, timezone.now())
            if bearer is None:
                del request.session[SESSION_KEY]
                return _expired(request)
            application = get_object_or_404(
                selectors.applications_for(bearer).select_related(None), pk=bearer.application_id
            )
            return view(request, bearer, application, *args, **kwargs)

    return page(inner)


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/intake/expired.html", {"error": LinkExpired()}, status=LinkExpired.status)


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    calls = [(call, call.takes_applications(now)) for call in selectors.open_calls(request.user, now)]
    return render(
        request, "tenants/intake/home.html", {"calls": calls, "has_own": SESSION_KEY in request.session}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def call_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The call, and where to ask for a link to apply. The answer is the same for every address."""
    call = get_object_or_404(selectors.calls_for(request.user), slug=slug)
    now = timezone.now()
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_link(
                call=call,
                email=form.cleaned_data["email"],
                language=get_language() or "ko",
                base_url=request.build_absolute_uri("/"),
                now=now,
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return render(
                request, "tenants/intake/asked.html", {"call": call, "email": form.cleaned_data["email"]}
            )
    context = {
        "call": call,
        "form": form,
        "takes": call.takes_applications(now),
        "over": now > call.closes_at or call.state != "open",
        "files": call.files.all(),
        "criteria": call.criteria.all(),
    }
    return render(request, "tenants/intake/call.html", context)


@require_safe
@page
def call_file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.call_files_for(request.user), pk=pk, call__slug=slug)
    return stored_response(found.file, name=found.name, content_type=found.content_type)


@require_safe
@page
def enter(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The link out of the mail: this browser is the applicant's from now on."""
    token_hash = hash_of(secret)
    with applying(token_hash):
        bearer = selectors.bearer_of(token_hash, timezone.now())
    if bearer is None:
        return _expired(request)
    request.session[SESSION_KEY] = token_hash
    return redirect("intake:mine")


@require_http_methods(["GET", "HEAD", "POST"])
@with_application
def mine(request: HttpRequest, bearer: Bearer, application: Application) -> HttpResponseBase:
    if not application.is_draft:
        return _standing(request, bearer, application)
    questions = questions_of(application.call)
    if request.method == "POST":
        return _write(request, bearer, application, questions)
    draft = application.applicant.draft
    files = list(selectors.own_files_for(bearer))
    form = Questionnaire(questions, initial=draft, files=files)
    return _draft_page(request, application, form, progress_of(bound(questions, draft, files)))


def _write(
    request: HttpRequest, bearer: Bearer, application: Application, questions: list[Any]
) -> HttpResponse:
    """Keep everything that was typed and attached first; then do what was pressed."""
    now = timezone.now()
    draft, hidden = typed(Questionnaire(questions), request.POST)
    services.save_draft(application=application, draft=draft, actor=bearer, now=now)
    refused = _attach(request, bearer, application, questions)
    removed = request.POST.get("remove", "")
    if removed.isdigit():
        attached = selectors.own_files_for(bearer).filter(pk=removed).first()
        if attached is not None:
            services.remove_file(attached=attached, actor=bearer, now=now)
    files = list(selectors.own_files_for(bearer))
    submits = request.POST.get("action") == "submit"
    if not submits and not hidden and not refused:
        messages.success(request, _("Your draft is saved."))
        return redirect("intake:mine")
    form = bound(questions, draft, files) if submits else Questionnaire(questions, initial=draft, files=files)
    progress = progress_of(bound(questions, draft, files))
    problems = [str(RESIDENT_NUMBER)] if hidden else []
    problems += [f"{label}: {error}" for label, error in refused]
    if submits and not problems:
        try:
            services.submit_application(application=application, actor=bearer, now=timezone.now())
        except DomainError as error:
            if form.is_valid():
                problems.append(str(error))
        else:
            messages.success(request, _("Your application is submitted. A receipt is on its way to you."))
            return redirect("intake:mine")
    return _draft_page(request, application, form, progress, problems)


def _attach(
    request: HttpRequest, bearer: Bearer, application: Application, questions: list[Any]
) -> list[tuple[str, DomainError]]:
    """Each file that came, to its question; what was refused, by question."""
    refused = []
    for question in questions:
        for file in request.FILES.getlist(question.field):
            try:
                services.attach_file(
                    application=application, question=question, file=file, actor=bearer, now=timezone.now()
                )
            except DomainError as error:
                refused.append((f"{question.display_text} ({file.name})", error))
    return refused


def _draft_page(
    request: HttpRequest, application: Application, form: Questionnaire, progress: Any, problems: Any = ()
) -> HttpResponse:
    now = timezone.now()
    context = {
        "application": application,
        "call": application.call,
        "form": form,
        "sections": form.sections(),
        "progress": progress,
        "problems": problems,
        "takes": application.call.takes_applications(now),
        "consent": consent.parts(application.call),
    }
    return render(request, "tenants/intake/draft.html", context)


@require_POST
@with_application
def autosave(request: HttpRequest, bearer: Bearer, application: Application) -> HttpResponse:
    """What htmx sends while somebody types; answers with how far the application is."""
    questions = questions_of(application.call)
    draft, hidden = typed(Questionnaire(questions), request.POST)
    try:
        services.save_draft(application=application, draft=draft, actor=bearer, now=timezone.now())
    except DomainError as error:
        return render(request, "tenants/intake/progress.html", {"problem": error})
    files = list(selectors.own_files_for(bearer))
    context = {
        "progress": progress_of(bound(questions, draft, files)),
        "saved_at": timezone.now(),
        "problem": RESIDENT_NUMBER if hidden else "",
    }
    return render(request, "tenants/intake/progress.html", context)


def _standing(
    request: HttpRequest,
    bearer: Bearer,
    application: Application,
    *,
    extra: ExtraFileForm | None = None,
    decline_form: DeclineForm | None = None,
    problem: Any = "",
) -> HttpResponse:
    """Where the application stands: its steps and letters, and what the applicant can still do."""
    now = timezone.now()
    context = {
        "application": application,
        "call": application.call,
        "steps": application.steps.only("to_state", "at", "application_id"),
        "letters": application.letters.all(),
        "files": selectors.own_files_for(bearer),
        "answers": application.answers.select_related("question"),
        "documents_open": application.asked_until is not None and now <= application.asked_until,
        "may_withdraw": application.state in WITHDRAWABLE_STATES,
        "may_decline": application.state == ApplicationState.ACCEPTED,
        "extra": extra or ExtraFileForm(),
        "decline_form": decline_form or DeclineForm(),
        "problem": problem,
    }
    return render(request, "tenants/intake/standing.html", context)


@require_safe
@with_application
def own_file(request: HttpRequest, bearer: Bearer, application: Application, pk: int) -> HttpResponseBase:
    found = get_object_or_404(selectors.own_files_for(bearer), pk=pk)
    return stored_response(found.file, name=found.name, content_type=found.content_type)


@require_POST
@with_application
def add_document(request: HttpRequest, bearer: Bearer, application: Application) -> HttpResponseBase:
    """Something that a manager asked for while screening."""
    form = ExtraFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.attach_file(
                application=application,
                question=None,
                file=form.cleaned_data["file"],
                actor=bearer,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("The file is added."))
            return redirect("intake:mine")
    return _standing(request, bearer, application, extra=form)


@require_POST
@with_application
def withdraw(request: HttpRequest, bearer: Bearer, application: Application) -> HttpResponseBase:
    try:
        services.withdraw_application(application=application, actor=bearer, now=timezone.now())
    except DomainError as error:
        return _standing(request, bearer, application, problem=error)
    messages.success(request, _("Your application is withdrawn."))
    return redirect("intake:mine")


@require_POST
@with_application
def decline(request: HttpRequest, bearer: Bearer, application: Application) -> HttpResponseBase:
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            services.decline_place(
                application=application,
                reason=form.cleaned_data["reason"],
                actor=bearer,
                now=timezone.now(),
            )
        except DomainError as error:
            return _standing(request, bearer, application, problem=error)
        messages.success(request, _("The place is declined, and what was prepared for it is taken back."))
        return redirect("intake:mine")
    return _standing(request, bearer, application, decline_form=form)


@require_POST
@page
def leave(request: HttpRequest) -> HttpResponseBase:
    """Forget the application in this browser; the link in the mail opens it again."""
    request.session.pop(SESSION_KEY, None)
    messages.success(
        request, _("This browser shows your application no more. The link in your mail opens it again.")
    )
    return redirect("intake:home")
