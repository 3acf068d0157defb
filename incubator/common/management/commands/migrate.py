"""Django's `migrate`, in about a tenth of the time on an empty database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field
from pgtrigger.migrations import AddTrigger


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with (
            patch.object(migrate, "MigrationExecutor", ExecutorInPlace),
            patch.object(AddTrigger, "state_forwards", _add_trigger),
        ):
            super().handle(*args, **options)


class ExecutorInPlace(MigrationExecutor):
    """Forwards, where no earlier state is ever looked at again. Backwards is Django's own."""

    def _migrate_all_forwards(self, state: ProjectState, *args: Any, **kwargs: Any) -> Any:
        return super()._migrate_all_forwards(StateInPlace.of(state), *args, **kwargs)  # type: ignore[misc]


class StateInPlace(ProjectState):
    """The models at a point of the migrations, whose classes grow in place.

    For each field, constraint, index, trigger and new model Django builds that model's class anew, and those of all
    models that reach it: a thousand times some sixty classes. What is added to a class changes nothing about the others,
    but what a foreign key itself tells the model it points at.
    """

    _instead: Callable[[], None] | None = None

    @classmethod
    def of(cls, state: ProjectState) -> "StateInPlace":
        own = cls()
        own.__dict__.update(state.__dict__)
        return own

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if self._instead is None:
            super().reload_model(app_label, model_name, delay)
        elif "apps" in self.__dict__:  # Django's own test of whether there are classes yet
            self._instead()

    def add_model(self, model_state: ModelState) -> None:
        with self._by(lambda: self.apps.render_multiple([model_state])):
            super().add_model(model_state)

    def add_field(
        self, app_label: str, model_name: str, name: str, field: Field, preserve_default: bool
    ) -> None:
        def add() -> None:
            model = self.apps.get_model(app_label, model_name)
            kept = self.models[app_label, model_name].fields[name]
            kept.clone().contribute_to_class(model, name)
            self.apps.clear_cache()

        # A relation of many to many brings a table, and heirs have the field too: rare enough for Django's way.
        alone = not field.many_to_many and not self._heirs(app_label, model_name)
        with self._by(add if alone else None):
            super().add_field(app_label, model_name, name, field, preserve_default)

    def _append_option(self, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
        self.models[app_label, model_name].options.setdefault(option_name, [])
        with self._by(lambda: self._put_option(app_label, model_name, option_name)):
            super()._append_option(app_label, model_name, option_name, obj)  # type: ignore[misc]

    def _remove_option(self, app_label: str, model_name: str, option_name: str, obj_name: str) -> None:
        with self._by(lambda: self._put_option(app_label, model_name, option_name)):
            super()._remove_option(app_label, model_name, option_name, obj_name)  # type: ignore[misc]

    def _put_option(self, app_label: str, model_name: str, option_name: str) -> None:
        options = self.models[app_label, model_name].options
        setattr(self.apps.get_model(app_label, model_name)._meta, option_name, [*options[option_name]])

    def _heirs(self, app_label: str, model_name: str) -> bool:
        return "apps" in self.__dict__ and bool(self.apps.get_model(app_label, model_name).__subclasses__())

    @contextmanager
    def _by(self, instead: Callable[[], None] | None) -> Iterator[None]:
        self._instead = instead
        try:
            yield
        finally:
            self._instead = None


_django_add_trigger = AddTrigger.state_forwards


def _add_trigger(operation: AddTrigger, app_label: str, state: ProjectState) -> None:
    if isinstance(state, StateInPlace):
        state._append_option(app_label, operation.model_name.lower(), "triggers", operation.trigger)
    else:
        _django_add_trigger(operation, app_label, state)
