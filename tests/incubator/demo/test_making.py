"""When a demonstration camp is made, when it is refused, and that chance has no say in it but the seed's."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Max

from incubator.accounts.models import User
from incubator.demo.errors import NotPossible
from incubator.demo.making import make_camp
from incubator.demo.sending import nothing_sent
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

DAY = date(2027, 2, 9)
PACKAGES = ("incubator", "tenants", "investors")
UNREPEATABLE = {"password", "token_hash", "idempotency_key", "uid"}
# A paper's code is chance, so that nobody guesses one; whatever carries the code or the paper's hash is chance with it.
OF_PAPERS = {
    "papers.Paper": {"code", "file", "content", "content_sha256", "pdf_sha256"},
    "leases.LeaseContract": {"sha256"},
    "leases.LeaseSignature": {"document_sha256"},
}


def _columns(model: type[models.Model]) -> list[str]:
    """What a row says, without the moment of its writing and what is chance by design, as the names of stored files are."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if field.name not in UNREPEATABLE | OF_PAPERS.get(model._meta.label, set())
        and not isinstance(field, models.FileField)
        and not getattr(field, "auto_now", False)
        and not getattr(field, "auto_now_add", False)
    ]


def _told() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        if model.__module__.split(".")[0] in PACKAGES and not model.__name__.endswith("Event"):
            yield model, _columns(model)


def _content(*, seed: int) -> dict[str, Any]:
    """All rows of a camp of four companies, which is gone afterwards. Ids begin as in a new database: after the rows that
    migrations left there."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT format('ALTER SEQUENCE %I RESTART', sequencename) FROM pg_sequences")
            cursor.execute("; ".join(row[0] for row in cursor.fetchall()))
            for model, _columns_of in _told():
                key = model._meta.pk
                last = model._default_manager.aggregate(last=Max("pk"))["last"]
                if last and isinstance(key, models.AutoField | models.BigAutoField):
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                        [model._meta.db_table, key.column, last],
                    )
        make_camp(seed=seed, companies=4, today=DAY, report=lambda *_: None)
        rows = {
            model._meta.label: sorted(map(repr, model._default_manager.values_list(*columns)))
            for model, columns in _told()
        }
        transaction.set_rollback(True)
    return rows


def test_the_same_seed_makes_the_same_camp_and_another_seed_another() -> None:
    first, again, other = (_content(seed=seed) for seed in (1, 1, 2))
    assert {label for label, rows in first.items() if rows != again[label]} == set()
    assert first["companies.Company"] != other["companies.Company"]
    assert first["compute.UsageRecord"] != other["compute.UsageRecord"]


def test_a_database_with_a_person_in_it_is_refused_and_stays_as_it_is() -> None:
    UserFactory()
    with pytest.raises(CommandError, match=r"not empty \(it has people\)") as refusal:
        call_command("demo", companies=4)
    assert refusal.value.returncode == 1
    assert User.objects.count() == 1


@pytest.mark.parametrize("place", ["production", "staging"])
def test_only_a_local_camp_is_filled(settings: Any, place: str) -> None:
    settings.CAMP_ENV = place
    with pytest.raises(CommandError, match=f"CAMP_ENV=local only; here it is {place}") as refusal:
        call_command("demo", companies=4)
    assert refusal.value.returncode == 1
    assert User.objects.count() == 0


def test_what_fails_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from incubator.demo import making

    def broken(camp: Any) -> int:
        raise NotPossible("no room for more")

    monkeypatch.setattr(making, "STEPS", (*making.STEPS[:2], ("trouble", broken)))
    with pytest.raises(CommandError, match="no room for more"):
        call_command("demo", companies=4)
    assert User.objects.count() == 0


@pytest.mark.parametrize("size", ["0", "-3", "many", "5001"])
def test_a_size_that_is_none_is_wrong_usage(size: str) -> None:
    with pytest.raises(CommandError, match="is not a number from 1 to 5000"):
        call_command("demo", f"--companies={size}")


def test_what_would_be_sent_after_the_commit_is_dropped_and_what_waited_before_is_kept(
    django_capture_on_commit_callbacks: Any,
) -> None:
    said: list[str] = []
    with django_capture_on_commit_callbacks(execute=True):
        transaction.on_commit(lambda: said.append("before"))
        with nothing_sent():
            transaction.on_commit(lambda: said.append("inside"))
        transaction.on_commit(lambda: said.append("after"))
    assert said == ["before", "after"]
    assert mail.outbox == []
