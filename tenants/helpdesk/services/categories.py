from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed, validate
from tenants.helpdesk.models import Category
from tenants.helpdesk.rules import may_handle


@transaction.atomic
def create_category(*, actor: Any, **values: Any) -> Category:
    """Raises NotAllowed, Invalid."""
    return change_category(category=Category(), actor=actor, **values)


@transaction.atomic
def change_category(*, category: Category, actor: Any, **values: Any) -> Category:
    """What has been reported keeps its due day. Raises NotAllowed, Invalid."""
    if not may_handle(actor):
        raise NotAllowed
    for name, value in values.items():
        setattr(category, name, value)
    validate(category, exclude={"owner"})
    category.save()
    return category
