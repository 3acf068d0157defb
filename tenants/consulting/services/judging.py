"""What a company makes of a session, after it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed, validate
from tenants.consulting import policy, rules
from tenants.consulting.enums import BookingState
from tenants.consulting.errors import AlreadyCancelled, NobodyCame, RatingClosed, SessionAhead
from tenants.consulting.locks import hold
from tenants.consulting.models import Booking, CompanyNote, SessionRating


@transaction.atomic
def rate_session(
    *, booking: Booking, stars: int, words: str = "", actor: Any, now: datetime
) -> SessionRating:
    """Say what a session was worth, from 1 to 5; once, and corrected for `policy.RATING_OPEN`.

    Managers read it. The adviser gets no more than a mean of whole fives of ratings, so that no company need fear for the
    next session: a mean over fewer, or one that moves with every rating, would tell who said what.
    Raises NotAllowed, AlreadyCancelled, SessionAhead, NobodyCame, RatingClosed, Invalid.
    """
    if not rules.may_rate(actor, booking):
        raise NotAllowed
    hold(("rating", booking.pk))
    current = Booking.objects.get(pk=booking.pk)
    if current.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if now < current.starts or current.state == BookingState.REQUESTED:
        raise SessionAhead
    if current.state == BookingState.MISSED:
        raise NobodyCame
    found = SessionRating.objects.filter(booking=current).first()
    if found and (found.stars, found.words) == (stars, words.strip()):
        return found
    if found and now > found.rated_at + policy.RATING_OPEN:
        raise RatingClosed(days=policy.RATING_OPEN.days)
    rating = found or SessionRating(
        booking=current,
        company_id=current.company_id,
        adviser_id=current.adviser_id,
        rated_by=actor,
        rated_at=now,
    )
    rating.stars, rating.words = stars, words.strip()
    rating.corrected_at = now if found else None
    validate(rating, exclude={"booking", "company", "adviser", "rated_by"})
    if found:
        rating.save(update_fields=["stars", "words", "corrected_at", "updated_at"])
    else:
        rating.save(force_insert=True)
    return rating


@transaction.atomic
def keep_notes(*, booking: Booking, text: str, actor: Any, now: datetime) -> CompanyNote:
    """Keep the company's own notes of a session, which its members alone read: the database shows them to nobody else, the
    camp office included. Raises NotAllowed, Invalid."""
    if not rules.may_keep_notes(actor, booking):
        raise NotAllowed
    hold(("notes", booking.pk))
    found = CompanyNote.objects.filter(booking_id=booking.pk).first()
    note = found or CompanyNote(
        booking_id=booking.pk, company_id=booking.company_id, adviser_id=booking.adviser_id
    )
    note.text, note.written_by, note.written_at = text.strip(), actor, now
    validate(note, exclude={"booking", "company", "adviser", "written_by"})
    if found:
        note.save(update_fields=["text", "written_by", "written_at"])
    else:
        note.save(force_insert=True)
    return note
