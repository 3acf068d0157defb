"""Reviewers: who they are, what they are assigned, what they score and what they give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.accounts.errors import UnknownScope
from incubator.accounts.models import User
from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError, NotAllowed, refusing, validate
from tenants.intake.assigning import Problem, assign
from tenants.intake.enums import ApplicationState, CallState, ConflictKind, ReviewState
from tenants.intake.errors import (
    AlreadyAssigned,
    ConflictOfInterest,
    OtherCall,
    ReasonMissing,
    ReviewClosed,
    ReviewerFull,
    ScoresMissing,
    WrongCallState,
)
from tenants.intake.models import Application, Call, Conflict, Criterion, Review, Reviewer, Score
from tenants.intake.rules import may_manage_intake, may_review

from .conflicts import find_conflicts
from .steps import demand, locked

_WALLS: dict[str, type[DomainError] | DomainError] = {
    "intake_reviewer_maximum": ReviewerFull,
    "intake_review_once": AlreadyAssigned,
    "intake_same_call": OtherCall,
    "intake_no_conflict": ConflictOfInterest(why="–"),
}
REVIEWABLE = (CallState.SCREENING, CallState.REVIEW)


def admit_reviewer(user: User, call_id: int, level: str = "") -> Reviewer:
    """Let the person review a call, as an accepted invitation says. Raises UnknownScope when the call is gone."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise UnknownScope
    reviewer, _made = Reviewer.objects.get_or_create(call=call, user=user)
    return reviewer


@transaction.atomic
def add_reviewer(*, call: Call, user: User, maximum: int, actor: Any, now: datetime) -> Reviewer:
    """A person with an account reviews this call from now on, or takes another number. Raises NotAllowed, Invalid."""
    if not may_manage_intake(actor):
        raise NotAllowed
    reviewer = Reviewer.objects.filter(call=call, user=user).first() or Reviewer(call=call, user=user)
    reviewer.maximum = maximum
    validate(reviewer)
    reviewer.save()
    find_conflicts(call)
    return reviewer


@dataclass(frozen=True)
class Assigned:
    """How many reviews were assigned, and by application how many are still missing."""

    made: int
    missing: dict[int, int]


@transaction.atomic
def assign_reviews(*, call: Call, actor: Any, now: datetime) -> Assigned:
    """Give every eligible application its reviews, as evenly as maxima, conflicts and what is assigned already let it.

    The same state gives the same assignment; asked again, it only adds what is missing.
    Raises NotAllowed, WrongCallState.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    call = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if call.state not in REVIEWABLE:
        raise WrongCallState(state=call.get_state_display())
    find_conflicts(call)
    applications = list(
        Application.objects.filter(call=call, state=ApplicationState.ELIGIBLE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    reviewers = list(
        Reviewer.objects.select_for_update(no_key=True, of=("self",)).filter(call=call).order_by("pk")
    )
    there = list(
        Review.objects.filter(reviewer__call=call).values_list("application_id", "reviewer_id", "state")
    )
    given_back = {(one, reviewer) for one, reviewer, state in there if state == ReviewState.CONFLICT}
    barred = set(Conflict.objects.filter(reviewer__call=call).values_list("application_id", "reviewer_id"))
    problem = Problem(
        applications=applications,
        maximum={reviewer.pk: reviewer.maximum for reviewer in reviewers},
        each=call.reviews_each,
        barred=barred | given_back,
        fixed={(one, reviewer) for one, reviewer, state in there if state != ReviewState.CONFLICT},
    )
    result = assign(problem)
    with refusing(_WALLS):
        for application_id, reviewer_id in result.pairs:
            Review.objects.create(application_id=application_id, reviewer_id=reviewer_id, assigned_at=now)
    return Assigned(len(result.pairs), result.missing)


@transaction.atomic
def assign_reviewer(*, application: Application, reviewer: Reviewer, actor: Any, now: datetime) -> Review:
    """Assign one by hand. The same walls hold.

    Raises NotAllowed, WrongState, ConflictOfInterest, ReviewerFull, AlreadyAssigned, OtherCall.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    held = locked(application)
    demand(held, (ApplicationState.ELIGIBLE,))
    find_conflicts(held.call)
    found = list(Conflict.objects.filter(application=held, reviewer=reviewer).order_by("kind"))
    if found:
        raise ConflictOfInterest(why=", ".join(str(each.get_kind_display()) for each in found))
    with refusing(_WALLS):
        return Review.objects.create(application=held, reviewer=reviewer, by_hand=True, assigned_at=now)


@transaction.atomic
def take_review_away(*, review: Review, actor: Any, now: datetime) -> None:
    """Take an assignment back that was not scored yet. Raises NotAllowed, ReviewClosed."""
    if not may_manage_intake(actor):
        raise NotAllowed
    deleted, _by_model = Review.objects.filter(pk=review.pk, state=ReviewState.ASSIGNED).delete()
    if not deleted:
        raise ReviewClosed


def _open(review: Review, actor: Any) -> Review:
    if not may_review(actor, review):
        raise NotAllowed
    if review.state != ReviewState.ASSIGNED:
        raise ReviewClosed
    return review


@transaction.atomic
def save_review(
    *, review: Review, scores: Mapping[int, int], comment: str, submit: bool, actor: Any, now: datetime
) -> Review:
    """Keep the scores (`{criterion id: 1 to 5}`) so far; with `submit` for good, once every criterion has one.

    Raises NotAllowed, ReviewClosed, WrongCallState, ScoresMissing, Invalid.
    """
    _open(review, actor)
    call = review.application.call
    if call.state != CallState.REVIEW:
        raise WrongCallState(state=call.get_state_display())
    criteria = list(Criterion.objects.filter(call=call))
    review.comment = comment.strip()
    for criterion in criteria:
        value = scores.get(criterion.pk)
        if value is not None:
            score = Score(review=review, criterion=criterion, value=value)
            validate(score, exclude={"review", "criterion"})
            Score.objects.update_or_create(review=review, criterion=criterion, defaults={"value": value})
    if submit:
        missing = [str(criterion) for criterion in criteria if scores.get(criterion.pk) is None]
        if missing:
            raise ScoresMissing(missing=", ".join(missing))
        review.state, review.submitted_at = ReviewState.SUBMITTED, now
    validate(review, exclude={"application", "reviewer"})
    values = {"state": review.state, "submitted_at": review.submitted_at, "comment": review.comment}
    # Of two windows the second finds it submitted.
    if not Review.objects.filter(pk=review.pk, state=ReviewState.ASSIGNED).update(**values, updated_at=now):
        raise ReviewClosed
    return review


@transaction.atomic
def declare_conflict(*, review: Review, reason: str, actor: Any, now: datetime) -> None:
    """The reviewer gives an application back, for a conflict of interest that addresses do not tell.

    Scores so far are deleted, and it is never assigned to them again. Raises NotAllowed, ReviewClosed, ReasonMissing.
    """
    _open(review, actor)
    if not reason.strip():
        raise ReasonMissing
    # A reviewer's role writes scores of open reviews and nothing else; what follows reaches into the assignment.
    with acting_as_system(user_id=actor.pk):
        Conflict.objects.get_or_create(
            reviewer_id=review.reviewer_id,
            application_id=review.application_id,
            kind=ConflictKind.DECLARED,
            defaults={"detail": reason.strip()[:400]},
        )
        Score.objects.filter(review=review).delete()
        Review.objects.filter(pk=review.pk).update(state=ReviewState.CONFLICT, comment="", updated_at=now)
