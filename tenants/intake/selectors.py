"""What each person may see of calls and applications. Lists start here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from . import ranking
from .enums import UNVEILED_STATES, ApplicationState, CallState, ReviewState
from .links import Bearer
from .models import (
    AccessLink,
    Answer,
    Applicant,
    Application,
    ApplicationFile,
    Call,
    CallFile,
    Conflict,
    Criterion,
    Review,
    Reviewer,
    Score,
    TeamMember,
)


def _is_staff(user: Any) -> bool:
    return acting_of(user).kind == Kind.STAFF


def calls_for(user: Any) -> QuerySet[Call]:
    """Staff see every call, reviewers theirs, anyone else what was published."""
    if _is_staff(user):
        return Call.objects.all()
    if acting_of(user).kind == Kind.REVIEWER:
        return Call.objects.filter(reviewers__user_id=user.pk)
    return Call.objects.exclude(state=CallState.DRAFT)


def open_calls(user: Any, now: datetime) -> QuerySet[Call]:
    """Published, and not over yet: what opens first comes last."""
    return calls_for(user).filter(state=CallState.OPEN, closes_at__gte=now).order_by("closes_at", "pk")


def call_files_for(user: Any) -> QuerySet[CallFile]:
    return CallFile.objects.filter(call__in=calls_for(user))


def applications_for(user: Any) -> QuerySet[Application]:
    """Staff see all, an applicant their own, a reviewer what they review, without whatever tells who applies."""
    if _is_staff(user):
        return Application.objects.all()
    if isinstance(user, Bearer):
        return Application.objects.filter(pk=user.application_id).only(*Application.SEEN_BY_APPLICANT)
    if acting_of(user).kind == Kind.REVIEWER:
        mine = Review.objects.filter(reviewer__user_id=user.pk).exclude(state=ReviewState.CONFLICT)
        return Application.objects.filter(pk__in=mine.values("application_id")).only(
            *Application.SEEN_BY_REVIEWERS
        )
    return Application.objects.none()


def with_people(applications: QuerySet[Application]) -> QuerySet[Application]:
    """With who applies and how far the reviews are, for the managers' list."""
    live = ~Q(reviews__state=ReviewState.CONFLICT)
    return applications.select_related("applicant", "call").annotate(
        reviews_due=Count("reviews", filter=live, distinct=True),
        reviews_done=Count("reviews", filter=Q(reviews__state=ReviewState.SUBMITTED), distinct=True),
    )


def bearer_of(token_hash: str, now: datetime) -> Bearer | None:
    """Whose link this is; None for an unknown or expired one. Inside `applying(token_hash)`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT camp_application()")
        [application_id] = cursor.fetchone()
    if application_id is None:
        return None
    valid = AccessLink.objects.filter(
        token_hash=token_hash, application_id=application_id, expires_at__gt=now
    )
    return Bearer(application_id) if valid.values("pk").exists() else None


def own_files_for(user: Any) -> QuerySet[ApplicationFile]:
    """The files of the applicant's own application; for staff all of them."""
    if _is_staff(user):
        return ApplicationFile.objects.all()
    if isinstance(user, Bearer):
        return ApplicationFile.objects.filter(application_id=user.application_id)
    return ApplicationFile.objects.none()


# --- reviewers


def reviewers_for(user: Any) -> QuerySet[Reviewer]:
    if _is_staff(user):
        return Reviewer.objects.select_related("user", "call")
    if acting_of(user).kind == Kind.REVIEWER:
        return Reviewer.objects.filter(user_id=user.pk).select_related("call")
    return Reviewer.objects.none()


def reviews_for(user: Any) -> QuerySet[Review]:
    """Staff see every review, a reviewer their own: never what others scored."""
    if _is_staff(user):
        return Review.objects.select_related("application", "reviewer__user")
    if acting_of(user).kind == Kind.REVIEWER:
        seen = [f"application__{name}" for name in Application.SEEN_BY_REVIEWERS]
        fields = [field.name for field in Review._meta.concrete_fields]
        return (
            Review.objects.filter(reviewer__user_id=user.pk)
            .exclude(state=ReviewState.CONFLICT)
            .select_related("application", "application__call", "reviewer")
            .only(*fields, *seen, "application__call", "reviewer")
        )
    return Review.objects.none()


def applicant_seen_by_reviewer(application: Application) -> Applicant | None:
    """Who applies, once the reviewer may know: at once in an open call, after the decision in a blind one."""
    call = application.call
    if call.blind and call.state not in UNVEILED_STATES:
        return None
    return Applicant.objects.filter(application=application).only(*Applicant.SEEN_BY_REVIEWERS).first()


def team_seen_by_reviewer(application: Application) -> list[str]:
    return list(TeamMember.objects.filter(application=application).values_list("name", flat=True))


def _hidden(application: Application) -> Q:
    """What tells who applies, and the papers that a manager asked for, while the review is blind."""
    veiled = application.call.blind and application.call.state not in UNVEILED_STATES
    return Q(question__identifying=True) | Q(question__isnull=True) if veiled else Q(pk__in=[])


def answers_for_review(application: Application) -> QuerySet[Answer]:
    return (
        Answer.objects.filter(application=application)
        .exclude(_hidden(application))
        .select_related("question")
    )


def review_files_for(user: Any) -> QuerySet[ApplicationFile]:
    """Files of what the person reviews, without the names they came under. What tells who applies is left out by
    `files_for_review`, and by the wall whatever the code asks for."""
    if acting_of(user).kind != Kind.REVIEWER:
        return ApplicationFile.objects.none()
    seen = Application.objects.filter(reviews__in=reviews_for(user).only("pk"))
    return ApplicationFile.objects.filter(application__in=seen.values("pk")).only(
        *ApplicationFile.SEEN_BY_REVIEWERS
    )


def files_for_review(user: Any, application: Application) -> QuerySet[ApplicationFile]:
    found = review_files_for(user).filter(application=application).select_related("question")
    seen = [*ApplicationFile.SEEN_BY_REVIEWERS, "question__text", "question__text_en"]
    return found.exclude(_hidden(application)).only(*seen)


def latest_reviewer_row(user_id: int) -> QuerySet[Reviewer]:
    """One row for whoever reviews anything, as their grant: the pages show all their calls together."""
    own = Reviewer.objects.filter(user_id=user_id).order_by("-pk").values("pk")[:1]
    return Reviewer.objects.filter(pk__in=own)


def reviewed_calls() -> QuerySet[Call]:
    """To which reviewers can be invited."""
    return Call.objects.exclude(state__in=UNVEILED_STATES)


def conflicts_for(user: Any) -> QuerySet[Conflict]:
    if _is_staff(user):
        return Conflict.objects.select_related("reviewer__user", "application")
    return Conflict.objects.none()


# --- what waits


def to_screen_for(user: Any, now: datetime) -> QuerySet[Application]:
    """Submitted, and the call is over or is being screened."""
    over = Q(call__closes_at__lt=now) | Q(call__state=CallState.SCREENING)
    return applications_for(user).filter(over, state=ApplicationState.SUBMITTED)


def reviewers_behind_for(user: Any) -> QuerySet[Reviewer]:
    """Who has not scored everything that was assigned to them: how many `open_reviews`, and the `oldest_open` one."""
    waits = Q(reviews__state=ReviewState.ASSIGNED)
    return (
        reviewers_for(user)
        .filter(call__state=CallState.REVIEW)
        .annotate(
            open_reviews=Count("reviews", filter=waits), oldest_open=Min("reviews__assigned_at", filter=waits)
        )
        .filter(open_reviews__gt=0)
    )


def places_free_for(user: Any) -> QuerySet[Application]:
    """First on a waiting list, and a place has become free."""
    return applications_for(user).filter(state=ApplicationState.WAITING, place_free_at__isnull=False)


def counts_by_state(call: Call) -> dict[str, int]:
    rows = Application.objects.filter(call=call).order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


# --- the ranking


@dataclass(frozen=True)
class Standing:
    """An application in the ranking, with its numbers."""

    application: Application
    ranked: ranking.Ranked
    criteria: list[Any]
    ties: list[str]


def ranking_for(user: Any, call: Call) -> list[Standing]:
    """The reviewed and reviewable applications of a call, best first; what is not eligible or withdrawn is left out."""
    shown = (
        ApplicationState.ELIGIBLE,
        ApplicationState.ACCEPTED,
        ApplicationState.WAITING,
        ApplicationState.REJECTED,
        ApplicationState.DECLINED,
    )
    found = applications_for(user).filter(call=call, state__in=shown).select_related("applicant")
    by_id = {one.pk: one for one in found.order_by("pk")}
    criteria = list(Criterion.objects.filter(call=call))
    reviews: dict[int, dict[int, dict[int, int]]] = {pk: {} for pk in by_id}
    scores = Score.objects.filter(review__application__in=by_id, review__state=ReviewState.SUBMITTED)
    for application, review, criterion, value in scores.order_by("pk").values_list(
        "review__application_id", "review_id", "criterion_id", "value"
    ):
        reviews[application].setdefault(review, {})[criterion] = value
    ranked = ranking.rank(
        {pk: list(given.values()) for pk, given in reviews.items()},
        {criterion.pk: criterion.weight for criterion in criteria},
    )
    return [
        Standing(
            by_id[one.application],
            one,
            [ranking.shown(one.by_criterion.get(criterion.pk), 2) for criterion in criteria],
            [by_id[other].shown_number for other in one.tied_with],
        )
        for one in ranked
    ]
