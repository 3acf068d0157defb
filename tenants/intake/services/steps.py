"""Steps of an application, each written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tenants.intake.errors import WrongState
from tenants.intake.models import Application, Step


def locked(application: Application) -> Application:
    """The application as it is now, held by this transaction. For managers: it reads every column."""
    return (
        Application.objects.select_for_update(no_key=True, of=("self",))
        .select_related("call")
        .get(pk=application.pk)
    )


def demand(application: Application, allowed: Sequence[str]) -> None:
    if application.state not in allowed:
        raise WrongState(state=application.get_state_display())


def record(application: Application, *, from_state: str, actor: Any, now: datetime, note: str = "") -> None:
    Step(
        application_id=application.pk,
        from_state=from_state,
        to_state=application.state,
        at=now,
        actor_id=getattr(actor, "pk", None),
        note=note.strip(),
    ).save()


def step(
    application: Application, state: str, *, actor: Any, now: datetime, note: str = "", **values: Any
) -> Application:
    """Take the application to a state, with what else changes, and write it down."""
    before, application.state = application.state, state
    for field, value in values.items():
        setattr(application, field, value)
    application.save(update_fields=["state", "updated_at", *values])
    record(application, from_state=before, actor=actor, now=now, note=note)
    return application
