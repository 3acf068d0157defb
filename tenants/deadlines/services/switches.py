"""What a person may switch off, and the rules that the clocks go by."""

from typing import Any

from django.db import transaction

from incubator.accounts.acting import acting_of
from incubator.common.errors import NotAllowed, validate
from tenants.deadlines.enums import ClockKind
from tenants.deadlines.errors import StaysOn
from tenants.deadlines.models import ClockRules, DutyKind, ReminderOff
from tenants.deadlines.rules import HARMLESS, may_manage_deadlines


def may_be_off(kind: str, object_id: int) -> bool:
    if kind == ClockKind.DUTY:
        return DutyKind.objects.filter(pk=object_id, may_be_off=True).exists()
    return object_id == 0 and kind in HARMLESS


@transaction.atomic
def switch_off(*, kind: str, object_id: int = 0, actor: Any) -> None:
    """The actor wants no more reminders of this kind. Raises NotAllowed, StaysOn."""
    user_id = acting_of(actor).user_id
    if user_id is None:
        raise NotAllowed
    if not may_be_off(kind, object_id):
        raise StaysOn
    ReminderOff.objects.get_or_create(user_id=user_id, kind=kind, object_id=object_id)


@transaction.atomic
def switch_on(*, kind: str, object_id: int = 0, actor: Any) -> None:
    """The actor wants them again. Raises NotAllowed."""
    user_id = acting_of(actor).user_id
    if user_id is None:
        raise NotAllowed
    ReminderOff.objects.filter(user_id=user_id, kind=kind, object_id=object_id).delete()


@transaction.atomic
def change_rules(*, rules: ClockRules, actor: Any, **values: Any) -> ClockRules:
    """Raises NotAllowed, Invalid."""
    if not may_manage_deadlines(actor):
        raise NotAllowed
    for name, value in values.items():
        setattr(rules, name, value)
    validate(rules)
    rules.save()
    return rules
