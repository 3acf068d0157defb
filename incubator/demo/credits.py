"""The pool of the programme year, grants out of it, and a quarter of usage read from the scheduler's text."""

from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange

from tenants.compute.models import Allocation, Cluster, UsageRecord
from tenants.compute.services import claw_back, grant_credits, import_usage, make_pool
from tenants.compute.slurm import FIRST_RATES

from .camp import Camp
from .days import days_before, plus_months
from .jobs import PFH, WEEK, Account, Job, make_jobs, running, sacct
from .parts import HOARDS, IN_DEBT, NEAR_END, RUNNING
from .residents import cluster_account, is_granted
from .texts import CLAW_BACK_REASON, EXTRA_PROGRAMMES, GRANT_REASONS, PROGRAMMES

CLUSTER = "gjlab"
WEEKS = 13
# The first company has used this share of its grant, about the same in each week.
FIRST_GRANT, FIRST_SHARE = 120 * PFH, 0.6
UNKNOWN_ACCOUNT = "gj-guest"
_USERS = ("minji", "jisoo", "hyun", "taeho", "sora", "dahye", "junseo", "yerin", "kyu", "eunbi")


class _Lot(NamedTuple):
    """A grant to be, from the beginning of the programme year until the day `ends`."""

    programme: str
    amount: int
    ends: date
    resources: tuple[str, ...] = ()
    own_share: int = 0


def make_grants(camp: Camp) -> int:
    """The programme year began five months ago, so that grants lie around today on every day of the year."""
    begins, dice = plus_months(camp.today.replace(day=1), -5), camp.dice("grants")
    lots = {at: _lots(camp, dice, at, begins) for at in range(camp.size) if is_granted(camp, at)}
    pool = make_pool(
        name=f"{begins.year}년도 컴퓨팅 자원",
        period=DateRange(begins, plus_months(begins, 12)),
        capacity_gflop=_room(sum(lot.amount for each in lots.values() for lot in each)),
        reason=f"{begins.year}년도 데이터센터 배정분",
        actor=camp.director,
        now=camp.at(begins, 9),
    )
    for at, each in lots.items():
        for number, lot in enumerate(each, start=1):
            grant_credits(
                company=camp.companies[at],
                pool=pool,
                programme=lot.programme,
                amount_gflop=lot.amount,
                period=DateRange(begins, lot.ends),
                resources=lot.resources,
                own_share_percent=lot.own_share,
                reason=dice.choice(GRANT_REASONS),
                actor=camp.director,
                now=camp.at(begins + timedelta(days=number + at % 12), 10),
                key=f"demo-{at + 1:03d}-{number}",
            )
    return Allocation.objects.count()


def _room(granted: int) -> int:
    """A pool of whole hundreds of PF·h of which about three quarters are granted."""
    return -(-granted * 4 // 3 // (100 * PFH)) * 100 * PFH


def _lots(camp: Camp, dice: Random, at: int, begins: date) -> list[_Lot]:
    months = 12 if at % 4 else dice.choice((8, 9, 10))
    programme, own_share = PROGRAMMES[at % 3], (0, 10, 25)[at % 3]
    lots = [_Lot(programme, _amount(camp, dice, at), plus_months(begins, months), (), own_share)]
    if at % 5 == 3:
        lots.append(_Lot(EXTRA_PROGRAMMES[0], 20 * PFH, plus_months(begins, 7), ("cpu", "gres/gpu:h100")))
    if at in (camp.role(HOARDS), camp.role(HOARDS + 5)):
        # Over already, with something left of it.
        lots.append(_Lot(EXTRA_PROGRAMMES[1], 12 * PFH, days_before(camp.today, 6)))
    return lots


def _amount(camp: Camp, dice: Random, at: int) -> int:
    amount = dice.randrange(40, 201, 10) * PFH
    told = {camp.role(IN_DEBT): 40 * PFH, camp.role(HOARDS): 200 * PFH, camp.role(NEAR_END): 60 * PFH}
    return FIRST_GRANT if at == 0 else told.get(at, amount)


def make_usage(camp: Camp) -> int:
    """Thirteen weekly files, the last of them with jobs that run still; then some unused credits are taken back."""
    Cluster.objects.create(name=CLUSTER, description="국가AI데이터센터 연구용 클러스터")
    first = days_before(camp.today, 7 * WEEKS)
    begins, ends = (int(camp.at(day, 0).timestamp()) for day in (first, camp.today))
    dice = camp.dice("jobs")
    jobs = make_jobs(_accounts(camp, dice), begins=begins, rates=FIRST_RATES, dice=dice)
    alive = _running(camp, ends, jobs[-1].number if jobs else 0)
    for week in range(WEEKS):
        until = begins + (week + 1) * WEEK
        ended = [job for job in jobs if job.end is not None and until - WEEK <= job.end < until]
        last = week == WEEKS - 1
        text = sacct([*ended, *(alive if last else [])], cluster=CLUSTER, at=until)
        monday = first + timedelta(days=7 * (week + 1))
        import_usage(
            BytesIO(text.encode()),
            cluster=CLUSTER,
            file_name=f"{CLUSTER}-{monday:%Y%m%d}.txt",
            actor=camp.director,
            now=camp.at(monday, 0, 0 if last else 30),
        )
    _take_back(camp)
    return UsageRecord.objects.count()


def _accounts(camp: Camp, dice: Random) -> list[Account]:
    main = _main_grants()
    accounts = []
    for at, company in enumerate(camp.companies):
        if company.pk in main and (at == 0 or at != camp.role(HOARDS)):
            share = _used_share(camp, dice, at)
            weeks = _weeks(round(main[company.pk] * share), dice, steady=at == 0)
            users = dice.sample(_USERS, 1 + at % 3)
            a_week, a100 = dice.randint(3, 8), dice.uniform(0.1, 0.6)
            accounts.append(Account(cluster_account(at), users, weeks, a_week, a100))
    accounts.append(Account(UNKNOWN_ACCOUNT, ["guest"], [0] * 9 + [PFH // 2] * 4, 1))
    return accounts


def _main_grants() -> dict[int, int]:
    """By company: GFLOP of the grant that is for everything and lasts longest."""
    found: dict[int, int] = {}
    for lot in Allocation.objects.filter(programme__in=PROGRAMMES):
        found[lot.company_id] = lot.amount_gflop
    return found


def _used_share(camp: Camp, dice: Random, at: int) -> float:
    usual = dice.uniform(0.1, 0.75)
    told = {camp.role(IN_DEBT): 1.09, camp.role(NEAR_END): 0.955, 0: FIRST_SHARE}
    return told.get(at, usual)


def _weeks(total: int, dice: Random, *, steady: bool) -> list[int]:
    """The total in thirteen weeks: about even, growing, shrinking, or all of it before the last month."""
    if steady:
        weights = [dice.uniform(0.94, 1.06) for _ in range(WEEKS)]
    else:
        slope, quiet = dice.uniform(-0.06, 0.09), dice.random() < 0.1
        weights = [
            0.0 if quiet and week >= WEEKS - 4 else max(0.1, 1 + slope * week) * dice.uniform(0.5, 1.5)
            for week in range(WEEKS)
        ]
    whole = sum(weights)
    return [round(total * weight / whole) for weight in weights]


def _running(camp: Camp, now: int, number: int) -> list[Job]:
    """Two jobs of companies that have enough left for them."""
    told = ((0, "gres/gpu:h100", 4, 19), (camp.role(RUNNING), "gres/gpu:a100", 2, 3))
    return [
        running(
            cluster_account(at),
            _USERS[place],
            gpu=gpu,
            count=count,
            start=now - hours * 3_600,
            number=number + place + 1,
        )
        for place, (at, gpu, count, hours) in enumerate(told)
    ]


def _take_back(camp: Camp) -> None:
    """From a grant that is over; another waits for a manager."""
    over = Allocation.objects.filter(period__endswith__lte=camp.today, account__balance_gflop__gt=0)
    lot = over.select_related("account", "pool__account").order_by("pk").last()
    if lot is not None:
        yesterday = camp.at(days_before(camp.today, 1), 16)
        claw_back(allocation=lot, reason=CLAW_BACK_REASON, actor=camp.director, now=yesterday, key="demo")
