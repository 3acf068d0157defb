"""A quarter of a cluster's accounting as `sacct --parsable2` prints it. Knows no Django."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

PFH = 3_600_000_000
"""GFLOP in one petaflop-hour."""
WEEK = 7 * 86_400
LONGEST = 72 * 3_600
FIRST_ID = 41_000
HEADER = (
    "JobID|JobIDRaw|DBIndex|Cluster|Account|User|Partition|QOS|State|ExitCode|Submit|Start|End|ElapsedRaw|Suspended"
    "|TimelimitRaw|NNodes|AllocTRES|ReqTRES"
)
# Of a hundred jobs.
_STATES = (
    *["COMPLETED"] * 84,
    *["FAILED"] * 6,
    *["CANCELLED"] * 4,
    *["TIMEOUT"] * 3,
    *["OUT_OF_MEMORY"] * 2,
    "NODE_FAIL",
)
_EXIT = {"COMPLETED": "0:0", "FAILED": "1:0", "OUT_OF_MEMORY": "0:125", "NODE_FAIL": "1:0"}
_SHAPES = (("gres/gpu:h100", (1, 2, 4, 4, 8)), ("gres/gpu:a100", (1, 1, 2, 4)), ("cpu", (8, 16, 32, 64)))


@dataclass(frozen=True)
class Account:
    """What an account of the cluster uses: GFLOP in each week, in how many jobs, and the share of A100 jobs in them."""

    name: str
    users: Sequence[str]
    weeks: Sequence[int]
    jobs_a_week: int
    a100: float = 0.3


@dataclass(frozen=True)
class Job:
    account: str
    user: str
    gpu: str
    count: int
    state: str
    submit: int
    start: int
    end: int | None
    limit: int
    number: int = 0

    @property
    def cpus(self) -> int:
        return self.count if self.gpu == "cpu" else 8 * self.count


def gflops(gpu: str, count: int, rates: Mapping[str, int]) -> int:
    """GFLOP a second that a job of this shape is charged."""
    return count * (rates["cpu"] if gpu == "cpu" else rates[gpu] + 8 * rates["cpu"])


def make_jobs(
    accounts: Iterable[Account], *, begins: int, rates: Mapping[str, int], dice: Random
) -> list[Job]:
    """The ended jobs of all accounts from `begins` (seconds since 1970) on, numbered as they were submitted.

    In each week a job ends before the week does, and the jobs cost what the account's week says, but for a few seconds.
    """
    jobs = [
        job
        for account in accounts
        for week, budget in enumerate(account.weeks)
        if budget > 0
        for job in _week(account, budget, begins + week * WEEK, rates, dice)
    ]
    jobs.sort(key=lambda job: (job.submit, job.account, job.start))
    return [replace(job, number=FIRST_ID + at) for at, job in enumerate(jobs)]


def _week(
    account: Account, budget: int, begins: int, rates: Mapping[str, int], dice: Random
) -> Iterator[Job]:
    shares = [dice.uniform(0.3, 1.7) for _ in range(account.jobs_a_week)]
    whole = sum(shares)
    for share in shares:
        gpu, counts = _SHAPES[1 if dice.random() < account.a100 else 0]
        count = dice.choice(counts)
        due = budget * share / whole
        while (seconds := round(due / gflops(gpu, count, rates))) > LONGEST and count < 32:
            count *= 2
        yield _job(account, gpu, count, min(max(seconds, 30), LONGEST), begins, dice)
    for _each in range(dice.randrange(2)):
        gpu, counts = _SHAPES[2]
        yield _job(account, gpu, dice.choice(counts), dice.randint(120, 4 * 3_600), begins, dice)


def _job(account: Account, gpu: str, count: int, seconds: int, begins: int, dice: Random) -> Job:
    start = begins + dice.randint(0, WEEK - seconds - 60)
    state = dice.choice(_STATES)
    minutes = -(-seconds // 60)
    limit = minutes if state == "TIMEOUT" else max(60, minutes * dice.choice((2, 3, 4)))
    return Job(
        account=account.name,
        user=dice.choice(list(account.users)),
        gpu=gpu,
        count=count,
        state=state,
        submit=start - dice.choice((0, 2, 5, 40, 600, 5_400)),
        start=start,
        end=start + seconds,
        limit=limit,
    )


def running(account: str, user: str, *, gpu: str, count: int, start: int, number: int) -> Job:
    """A job that has not ended, with a limit of three days."""
    return Job(account, user, gpu, count, "RUNNING", start - 30, start, None, LONGEST // 60, number)


def sacct(jobs: Iterable[Job], *, cluster: str, at: int) -> str:
    """The text that sacct would print of these jobs at the moment `at`."""
    return "\n".join([HEADER, *(_line(job, cluster, at) for job in jobs)]) + "\n"


def _line(job: Job, cluster: str, at: int) -> str:
    state = "CANCELLED by 1004" if job.state == "CANCELLED" else job.state
    held = f"cpu={job.cpus},mem={job.cpus * 4000}M,node=1"
    if job.gpu != "cpu":
        held = (
            f"billing={job.cpus},cpu={job.cpus},{job.gpu}={job.count},gres/gpu={job.count},"
            f"mem={job.cpus * 8000}M,node=1"
        )
    columns = (
        job.number,
        job.number,
        job.number,
        cluster,
        job.account,
        job.user,
        "cpu" if job.gpu == "cpu" else "gpu",
        "normal",
        state,
        _EXIT.get(job.state, "0:15"),
        job.submit,
        job.start,
        job.end or "Unknown",
        (job.end or at) - job.start,
        "00:00:00",
        job.limit,
        1,
        held,
        held,
    )
    return "|".join(map(str, columns))
