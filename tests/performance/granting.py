"""One of the clients that grant: `python -m tests.performance.granting COMPANY COUNT`, told to begin by a line on its input.

It says when its last grant is through: pgbench, which it is measured against, counts neither its connecting nor its end.
"""

import sys
from datetime import UTC, date, datetime

from incubator.running.environment import choose_settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def main(company_id: int, count: int) -> None:
    choose_settings()
    import django

    django.setup()
    from django.db.backends.postgresql.psycopg_any import DateRange

    from tenants.companies.models import Company
    from tenants.compute.models import Pool
    from tenants.compute.services import grant_credits

    company, pool = Company.objects.get(pk=company_id), Pool.objects.get(name="bench")
    year = DateRange(date(2026, 1, 1), date(2027, 1, 1))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(count):
        grant_credits(
            company=company, pool=pool, programme="bench", amount_gflop=1, period=year, reason="bench", actor=None, now=NOW
        )  # fmt: skip
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
