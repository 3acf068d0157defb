"""Makes the demonstration camp: all of it in one transaction, or nothing."""

import time
from collections.abc import Callable
from datetime import date

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import translation

from incubator.accounts.models import User
from incubator.common.dbroles import acting_as_system
from investors.firms.models import Firm
from tenants.companies.models import Company
from tenants.compute.checking import check_ledger
from tenants.compute.models import CreditAccount
from tenants.consulting.models import Adviser
from tenants.leases.models import Building

from .aftermath import make_aftermath
from .calls import make_calls
from .camp import Camp
from .credits import make_grants, make_usage
from .data_rooms import make_data_rooms
from .demo_days import make_demo_days
from .desk import make_desk
from .duties import make_duties
from .endings import make_endings, make_rules
from .errors import NotPossible
from .furnishing import make_furnishing
from .hours import make_hours
from .introductions import make_matches
from .leaving import make_leaving
from .mentoring import make_mentor_days
from .nameless import make_nameless
from .outcomes import make_reports
from .partners import make_firms
from .people import make_invitations, make_people
from .programmes import make_programmes
from .requests import make_requests
from .residents import make_companies
from .rooms import make_spaces
from .sending import nothing_sent
from .sessions import make_advisers, make_sessions
from .storage import make_storage
from .technologies import make_proposals, make_technologies
from .tenancies import make_leases

# Advisers after firms, of which some are members; matches after sessions, which make conflicts of interest.
STEPS: tuple[tuple[str, Callable[[Camp], int]], ...] = (
    ("people", make_people),
    ("companies", make_companies),
    ("spaces", make_spaces),
    ("rules for leases", make_rules),
    ("leases", make_leases),
    ("ends of leases", make_endings),
    ("furnishing", make_furnishing),
    ("technologies", make_technologies),
    ("firms", make_firms),
    ("proposed changes of mandates", make_proposals),
    ("advisers", make_advisers),
    ("sessions", make_sessions),
    ("what follows sessions", make_aftermath),
    ("hours and waiting lists", make_hours),
    ("programmes and honoraria", make_programmes),
    ("grants of credits", make_grants),
    ("jobs of the cluster", make_usage),
    ("storage and prices", make_storage),
    ("requests for credits", make_requests),
    ("mentor days", make_mentor_days),
    ("matches", make_matches),
    ("demo days", make_demo_days),
    ("companies without a name", make_nameless),
    ("data rooms", make_data_rooms),
    ("outcome reports", make_reports),
    ("requests of companies", make_desk),
    ("duties and reminders", make_duties),
    ("papers and handovers", make_leaving),
    ("applications", make_calls),
    ("invitations", make_invitations),
)
# The import of usage follows one of them and the check of the ledger the others.
_MUCH_IS_ASKED_AFTER = ("grants of credits", "jobs of the cluster", "invitations")
_MUST_BE_EMPTY = (User, Company, Building, Adviser, Firm, CreditAccount)
_PLACES = ("local", "test")
_PACKAGES = ("incubator.", "tenants.", "investors.")


def make_camp(
    *, seed: int, companies: int, today: date, report: Callable[[str, int | None, float], None]
) -> Camp:
    """A camp of `companies` residents in an empty database. The same seed, size and day make the same camp.

    `report` is told each thing that is being made, first without a number, then with how many of it and in how many
    seconds. Sends no mail and no task. Raises NotPossible.
    """
    _demand_place()
    camp = Camp(seed=seed, size=companies, today=today)
    # What services keep in words (a consent's text) is kept in Korean, whoever runs the command.
    with nothing_sent(), translation.override("ko"):
        for name, make in STEPS:
            report(name, None, 0)
            began = time.monotonic()
            with acting_as_system():
                made = make(camp)
            if name in _MUCH_IS_ASKED_AFTER:
                _know_sizes()
            report(name, made, time.monotonic() - began)
        with acting_as_system():
            found = check_ledger()
        if not found.ok:
            raise NotPossible(f"the ledger does not hold: {', '.join(found.broken)}")
    return camp


def _demand_place() -> None:
    if settings.CAMP_ENV not in _PLACES:
        raise NotPossible(
            f"a demonstration camp is made with CAMP_ENV=local only; here it is {settings.CAMP_ENV}"
        )
    with acting_as_system(), translation.override("en"):
        found = [str(model._meta.verbose_name_plural) for model in _MUST_BE_EMPTY if model.objects.exists()]
    if found:
        words = ", ".join(found)
        raise NotPossible(
            f"the database is not empty (it has {words}); a demonstration camp is made in an empty one only"
        )


def _know_sizes() -> None:
    """Let the planner see what the tables hold: it takes those that were empty a moment ago for empty still, and nobody
    else can look before the commit. Without it the ledger's check takes minutes."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith(_PACKAGES)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")
