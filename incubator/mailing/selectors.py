"""Who may read which mail."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import UNCLEAR_AFTER, Mail


def mails_for(user: Any) -> QuerySet[Mail]:
    """All of them for staff, none for anyone else: a mail may tell of several companies."""
    return Mail.objects.all() if acting_of(user).kind == Kind.STAFF else Mail.objects.none()


def unclear_for(user: Any, now: datetime) -> QuerySet[Mail]:
    """Mails whose sender was lost between taking and sending them."""
    return mails_for(user).filter(sent_at=None, claimed_at__lt=now - UNCLEAR_AFTER)
