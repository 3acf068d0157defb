"""What the services share."""

from typing import Any

from incubator.common.errors import NotAllowed
from tenants.mentordays.enums import DayState
from tenants.mentordays.errors import WrongState
from tenants.mentordays.models import MentorDay
from tenants.mentordays.rules import may_manage


def managed(day_id: int, actor: Any, *states: DayState) -> MentorDay:
    """The day, held until the transaction ends, if the person manages it and it is in one of these states.

    Raises NotAllowed, WrongState.
    """
    if not may_manage(actor):
        raise NotAllowed
    day = MentorDay.objects.select_for_update(of=("self",), no_key=True).get(pk=day_id)
    if states and day.state not in states:
        raise WrongState(state=day.get_state_display())
    return day


def person(actor: Any) -> Any:
    """Who is written down as the doer: nobody for the system itself."""
    return actor if getattr(actor, "pk", None) else None
