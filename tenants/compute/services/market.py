"""What compute costs outside, as managers note it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import refusing, validate
from tenants.compute.errors import MarketPriceTaken
from tenants.compute.models import MarketPrice, Resource

from .ledger import demand_manager


@transaction.atomic
def set_market_price(
    *, resource: Resource, krw_per_hour: int, starts_on: date, source: str, actor: Any, now: datetime
) -> MarketPrice:
    """Note what an hour of one unit costs outside from a day on, until the next price. None is ever edited.

    Raises NotAllowed, MarketPriceTaken (one of that day is there), Invalid.
    """
    demand_manager(actor)
    price = MarketPrice(
        resource=resource,
        krw_per_hour=krw_per_hour,
        starts_on=starts_on,
        source=source.strip(),
        created_at=now,
    )
    validate(price)
    with refusing({"compute_market_price_once": MarketPriceTaken}):
        price.save()
    return price
