"""Storage granted and used, week by week, and what compute costs outside."""

from datetime import date, timedelta
from io import StringIO

from incubator.common.periods import days
from tenants.compute.models import Cluster, Resource, StorageLevel
from tenants.compute.services import grant_storage, import_storage, raise_alerts, set_market_price

from .camp import Camp
from .credits import CLUSTER, WEEKS
from .days import plus_months
from .parts import NEAR_END
from .residents import cluster_account, is_granted
from .texts import PRICE_SOURCE, STORAGE_REASON

BASE_TB = 10
# In won an hour; what clouds ask lies around these.
PRICES = {"gres/gpu:h100": 4_200, "gres/gpu:a100": 2_300, "gres/gpu:t4": 650, "cpu": 60}


def make_storage(camp: Camp) -> int:
    """Every company with credits has its ten terabytes; one has nearly filled them."""
    cluster = Cluster.objects.get(name=CLUSTER)
    begins, dice = plus_months(camp.today.replace(day=1), -5), camp.dice("storage")
    rows = ["cluster,account,day,granted_tb,used_tb"]
    for at in (at for at in range(camp.size) if is_granted(camp, at)):
        tb = BASE_TB * (1 + at % 3)
        grant_storage(
            company=camp.companies[at],
            cluster=cluster,
            tb=tb,
            period=days(begins, plus_months(begins, 12) - timedelta(days=1)),
            reason=STORAGE_REASON,
            actor=camp.director,
            now=camp.at(begins, 11),
        )
        full = 0.96 if at == camp.role(NEAR_END) else dice.uniform(0.2, 0.75)
        rows += [
            f"{CLUSTER},{cluster_account(at)},{day},{tb},{tb * full * (0.55 + 0.45 * week / WEEKS):.3f}"
            for week, day in enumerate(_weeks(camp.today), 1)
        ]
    import_storage(
        StringIO("\n".join(rows) + "\n"),
        cluster=CLUSTER,
        actor=camp.director,
        now=camp.now,
        file_name="storage.csv",
    )
    for code, price in PRICES.items():
        set_market_price(
            resource=Resource.objects.get(code=code),
            krw_per_hour=price,
            starts_on=begins,
            source=PRICE_SOURCE,
            actor=camp.director,
            now=camp.at(begins, 11),
        )
    raise_alerts(now=camp.now)
    return StorageLevel.objects.count()


def _weeks(today: date) -> list[date]:
    return [today - timedelta(days=7 * back) for back in range(WEEKS - 1, -1, -1)]
