"""What several of the tables share."""

from django.db import models
from django.db.models import Q

TEXT_LIMIT = 2000
REASON_LIMIT = 400
HOURS_IN_A_WEEK = 168
LONGEST_SESSION = 480
MOST_SEATS = 50


def bounded(name: str) -> models.CheckConstraint:
    """A period with two ends and something between them."""
    condition = Q(period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False)
    return models.CheckConstraint(condition=condition, name=name)
