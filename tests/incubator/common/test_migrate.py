"""The quicker `migrate` leaves behind what Django's own does: the database in use was made by it."""

from django.apps import apps
from django.core.management import get_commands
from django.db import connection
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


def test_it_is_the_one_that_runs():
    assert get_commands()["migrate"] == "incubator.common"


def test_it_leaves_django_as_it_was():
    assert ProjectState._append_option.__module__ == "django.db.migrations.state"
    assert AddTrigger.state_forwards.__module__ == "pgtrigger.migrations"


def test_every_constraint_index_and_trigger_is_in_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
        )
        found = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor.fetchall()}
    for model in apps.get_models():
        options = model._meta
        if not options.managed or options.proxy:
            continue
        assert {each.name for each in (*options.constraints, *options.indexes)} <= found, model
        expected = {trigger.get_pgid(model) for trigger in getattr(options, "triggers", [])}
        assert expected <= triggers, model
