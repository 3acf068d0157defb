from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone


@shared_task(name="dataroom.scan", acks_late=True)
def scan(version_id: int) -> str:
    """Hand one version to the virus scanner. One that does not answer is asked again by `scan_waiting`."""
    from .services import scan_version

    return scan_version(version_id=version_id, now=timezone.now())


@shared_task(name="dataroom.scan_waiting")
def scan_waiting() -> int:
    """Queue what still waits for the scanner, a task each, so that a slow file holds back no other."""
    from .services import unscanned

    found = unscanned()
    for version_id in found:
        scan_later(version_id)
    return len(found)


def scan_later(version_id: int) -> None:
    """Queue the scan once the version is committed; what the queue does not take, `scan_waiting` finds again."""
    transaction.on_commit(lambda: scan.delay(version_id), robust=True)


@shared_task(name="dataroom.record_opened", acks_late=True)
def record_opened(**seen: Any) -> None:
    """Write down that somebody opened a page. Their own transaction could not: it is READ ONLY."""
    from .services import record_opened as record

    viewing, at = UUID(seen.pop("viewing")), datetime.fromisoformat(seen.pop("at"))
    record(viewing=viewing, at=at, **seen)


@shared_task(name="dataroom.record_stayed", acks_late=True)
def record_stayed(viewing: str, user_id: int, at: str) -> None:
    """Write down that somebody is still at a page."""
    from .services import record_stayed as record

    record(viewing=UUID(viewing), user_id=user_id, at=datetime.fromisoformat(at))


def opened_later(**seen: Any) -> None:
    """Queue `record_opened` after the answer's transaction. The moment is the answer's, however late the queue is."""
    transaction.on_commit(lambda: record_opened.delay(**seen), robust=True)


def stayed_later(**seen: Any) -> None:
    transaction.on_commit(lambda: record_stayed.delay(**seen), robust=True)
