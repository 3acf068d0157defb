"""The access log. Pages and API views note what they showed; the middleware writes it after the answer,
outside the request's transaction, because an investor's own transaction is read only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Sight:
    """One note: `subject_type` such as "company", the ids shown, the task in words a manager understands."""

    subject_type: str
    subject_ids: list[int] = field(default_factory=list)
    task: str = ""


def note_access(request: Any, subject_type: str, subject_ids: Iterable[int], *, task: str = "") -> None:
    """Remember that this request showed data of these subjects. Costs no query; an empty list writes nothing."""
    ids = sorted(set(subject_ids))
    if not ids:
        return
    raw = getattr(request, "_request", request)
    raw.__dict__.setdefault("_camp_sights", []).append(Sight(subject_type, ids, task or raw.path))


def write_access(request: Any) -> None:
    """Write the request's notes in one statement. Called by the middleware only."""
    from .models import AccessEvent

    sights: list[Sight] = getattr(request, "_camp_sights", [])
    if not sights:
        return
    acting = request.acting
    AccessEvent.objects.bulk_create(
        AccessEvent(
            user_id=acting.user_id,
            acting_as=acting.value,
            ip=request.META.get("REMOTE_ADDR") or None,
            subject_type=sight.subject_type,
            subject_ids=sight.subject_ids,
            task=sight.task[:200],
        )
        for sight in sights
    )
