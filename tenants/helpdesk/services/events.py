"""Writing the history, and the steps from state to state."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile

from incubator.common.errors import validate
from incubator.common.uploads import checked_picture
from tenants.helpdesk.enums import EventKind, RequestState
from tenants.helpdesk.errors import RequestOver, TooManyPhotos, WrongStep
from tenants.helpdesk.models import HelpRequest, RequestEvent, RequestPhoto
from tenants.helpdesk.rules import by_camp

from .mails import tell_of

MOST_PHOTOS = 6


def locked(request: HelpRequest) -> HelpRequest:
    """The request as it is now, held until the end of the transaction."""
    found = HelpRequest.objects.select_for_update(no_key=True, of=("self",))
    return found.select_related("category").get(pk=request.pk)


def locked_live(request: HelpRequest) -> HelpRequest:
    """Raises RequestOver for what is closed or declined."""
    found = locked(request)
    if not found.is_live:
        raise RequestOver
    return found


def checked_photos(photos: Sequence[Any]) -> list[ContentFile]:
    """Raises TooManyPhotos and what `checked_picture` raises, at the field `photos`."""
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    return [checked_picture(photo) for photo in photos]


def write(
    request: HelpRequest,
    kind: str,
    *,
    actor: Any,
    now: datetime,
    photos: Iterable[ContentFile] = (),
    tell: bool = True,
    **values: Any,
) -> RequestEvent:
    """One more line of the history with its photographs; the mails of it are written beside it."""
    event = RequestEvent(
        request=request,
        kind=kind,
        actor=actor if getattr(actor, "pk", None) else None,
        actor_name=getattr(actor, "name", ""),
        by_camp=by_camp(actor),
        at=now,
        **values,
    )
    validate(event, exclude={"request", "actor", "assignee"})
    event.save()
    for photo in photos:
        RequestPhoto.objects.create(event=event, image=photo)
    if tell:
        tell_of(event, now=now)
    return event


def step(
    request: HelpRequest,
    to: str,
    *,
    allowed: Iterable[str],
    actor: Any,
    now: datetime,
    text: str = "",
    photos: Iterable[ContentFile] = (),
    **values: Any,
) -> RequestEvent:
    """Move a locked request on and write it down. Raises WrongStep where it is in none of the `allowed` states."""
    if request.state not in allowed:
        raise WrongStep(state=RequestState(request.state).label)
    before, request.state = request.state, to
    changed = {"state": to, **values}
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=[*changed, "updated_at"])
    return write(
        request,
        EventKind.STATE,
        from_state=before,
        to_state=to,
        text=text,
        photos=photos,
        actor=actor,
        now=now,
    )
