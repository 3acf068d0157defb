"""The managers' first page: their inbox, and three gauges that lead to their tables."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from . import selectors
from .inbox import inbox_of, with_shortfall


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds `inbox`, `outlook`, `pool`, `sessions` and `today` in four queries."""
    now = timezone.now()
    today = timezone.localdate(now)
    outlook = selectors.outlook(today)
    context.update(
        title=_("Camp office"),
        today=today,
        inbox=with_shortfall(inbox_of(request.user, now, today), request.user, outlook.warning, today),
        outlook=outlook,
        pool=selectors.pool_gauge(request.user, today),
        sessions=selectors.session_gauge(request.user, now),
    )
    return context
