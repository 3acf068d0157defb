"""The reviewers' pages, under the reviewers' own database role: what they were assigned, and no more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import selectors, services
from .enums import CallState, ReviewState
from .forms import ConflictForm, ReviewForm
from .models import Review


def _found(request: HttpRequest, pk: int) -> Review:
    return get_object_or_404(selectors.reviews_for(request.user), pk=pk)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    reviews = list(selectors.reviews_for(request.user).order_by("state", "application__number"))
    done = sum(each.state == ReviewState.SUBMITTED for each in reviews)
    return render(
        request, "tenants/review/home.html", {"reviews": reviews, "done": done, "total": len(reviews)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One application to score: saved at any time, submitted once."""
    found = _found(request, pk)
    application = found.application
    criteria = list(application.call.criteria.all())
    given = {f"c{score.criterion_id}": score.value for score in found.scores.all()}
    initial = {**given, "comment": found.comment}
    form = ReviewForm(criteria, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        submit = request.POST.get("action") == "submit"
        try:
            services.save_review(
                review=found,
                scores=form.scores,
                comment=form.cleaned_data["comment"],
                submit=submit,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            said = (
                _("Your review is submitted.")
                if submit
                else _("Your review is saved. Submit it when it is complete.")
            )
            messages.success(request, said)
            return redirect("review:home" if submit else request.path)
    context = {
        "review": found,
        "application": application,
        "call": application.call,
        "applicant": selectors.applicant_seen_by_reviewer(application),
        "answers": selectors.answers_for_review(application),
        "files": selectors.files_for_review(request.user, application),
        "form": form,
        "open": found.state == ReviewState.ASSIGNED and application.call.state == CallState.REVIEW,
        "conflict_form": ConflictForm(),
        "given": [(criterion, given.get(criterion.field)) for criterion in criteria],
    }
    return render(request, "tenants/review/review.html", context)


@require_POST
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it back: somebody else reviews it."""
    found, form = _found(request, pk), ConflictForm(request.POST)
    try:
        services.declare_conflict(
            review=found,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("review:review", pk=pk)
    messages.success(request, _("You gave the application back. Thank you for saying so."))
    return redirect("review:home")


@require_safe
def file(request: HttpRequest, pk: int, file_id: int) -> HttpResponseBase:
    """A file of the application, under a name that tells nobody's."""
    found = _found(request, pk)
    attached = get_object_or_404(selectors.files_for_review(request.user, found.application), pk=file_id)
    return stored_response(attached.file, name=attached.neutral_name, content_type=attached.content_type)
