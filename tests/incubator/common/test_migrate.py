"""The quicker `migrate` leaves behind what Django's own does: the database in use was made by it."""

from django.apps import apps
from django.core.management import get_commands
from django.core.management.commands import migrate
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState
from pgtrigger.migrations import AddTrigger

from incubator.common.management.commands.migrate import StateInPlace


def test_it_is_the_one_that_runs():
    assert get_commands()["migrate"] == "incubator.common"


def test_it_leaves_django_as_it_was():
    assert migrate.MigrationExecutor is MigrationExecutor
    assert AddTrigger.state_forwards.__module__ == "pgtrigger.migrations"


def test_every_column_constraint_index_and_trigger_is_in_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
        )
        found = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns")
        columns = set(cursor.fetchall())
    for model in apps.get_models():
        options = model._meta
        if not options.managed or options.proxy:
            continue
        assert {(options.db_table, field.column) for field in options.local_concrete_fields} <= columns, model
        assert {each.name for each in (*options.constraints, *options.indexes)} <= found, model
        expected = {trigger.get_pgid(model) for trigger in getattr(options, "triggers", [])}
        assert expected <= triggers, model


def _author():
    return ModelState("books", "Author", [("id", models.AutoField(primary_key=True))])


def _book():
    return ModelState(
        "books", "Book", [("id", models.AutoField(primary_key=True))], {"constraints": [], "indexes": []}
    )


def _write(state: ProjectState) -> ProjectState:
    """What migrations do to a state whose classes exist."""
    state.add_model(_author())
    assert state.apps.get_model("books", "Author")
    state.add_model(_book())
    state.add_field("books", "book", "title", models.CharField(max_length=9), preserve_default=True)
    writes = models.ForeignKey("books.Author", models.CASCADE, related_name="books")
    state.add_field("books", "book", "author", writes, preserve_default=True)
    state.add_field("books", "book", "next", models.ForeignKey("self", models.CASCADE), preserve_default=True)
    state.add_field("books", "author", "rivals", models.ManyToManyField("self"), preserve_default=True)
    for name in ("kept", "gone"):
        state.add_constraint("books", "book", models.UniqueConstraint(fields=["title"], name=name))
    state.remove_constraint("books", "book", "gone")
    state.alter_field("books", "book", "title", models.CharField(max_length=19), preserve_default=True)
    return state


def _read(state: ProjectState) -> list[object]:
    return [
        (
            model._meta.label,
            [(field.name, field.concrete, str(field.related_model and field.related_model._meta.label))
             for field in model._meta.get_fields()],
            [each.name for each in model._meta.constraints],
            getattr(model._meta.get_field("title"), "max_length", None) if model.__name__ == "Book" else None,
        )
        for model in sorted(state.apps.get_models(include_auto_created=True), key=lambda model: model._meta.label)
    ]  # fmt: skip


def test_classes_that_grow_in_place_are_those_that_django_builds():
    assert _read(_write(StateInPlace.of(ProjectState()))) == _read(_write(ProjectState()))


def test_a_copy_of_a_state_grows_the_way_of_django():
    """Backwards, copies are looked at again: what is added to a later one must not be in the class of an earlier."""
    early = _write(StateInPlace.of(ProjectState()))
    late = early.clone()
    late.add_field("books", "book", "pages", models.IntegerField(default=0), preserve_default=True)
    assert "pages" not in {field.name for field in early.apps.get_model("books", "Book")._meta.get_fields()}
