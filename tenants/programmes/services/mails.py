"""Who is told what of a programme, each person once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incubator.common.dbroles import acting_as_system
from incubator.mailing.services import write_mail
from tenants.programmes.enums import SignUpState
from tenants.programmes.models import Programme, SignUp

TOPIC = "programmes"


def tell(
    event: str, key: str, people: Iterable[Any], *, programme: Programme, now: datetime, **context: Any
) -> int:
    """Write emails/programmes_<event> to each of these people, once for this key; how many."""
    told = {person.pk: person for person in people if person.is_active}
    # Neither founders nor advisers may write mails or read the addresses of others.
    with acting_as_system():
        for person in told.values():
            write_mail(
                topic=TOPIC,
                key=f"{TOPIC}/{key}/{person.pk}",
                user=person,
                template=f"programmes_{event}",
                context={"programme": programme, **context},
                now=now,
            )
    return len(told)


def participants(programme: Programme, *, waiting: bool = False) -> list[Any]:
    """Those with a seat, and those who wait for one if asked."""
    states = [SignUpState.SIGNED, *([SignUpState.WAITING] if waiting else [])]
    with acting_as_system():
        found = SignUp.objects.filter(programme=programme, state__in=states).select_related("person")
        return [each.person for each in found]
