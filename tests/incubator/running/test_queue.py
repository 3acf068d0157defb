from pathlib import Path
from queue import Empty

import psycopg
import pytest
from celery import Celery
from psycopg.conninfo import conninfo_to_dict

from incubator.running import postgres, queue
from incubator.running.dsn import BadDatabaseUrl, django_database, pgmq_conninfo


def test_a_url_becomes_djangos_entry_with_every_part_decoded() -> None:
    assert django_database("postgres://a%20b:p%27w@db.example:6543/camp?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "camp",
        "USER": "a b",
        "PASSWORD": "p'w",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }


def test_the_embedded_address_is_read_as_a_socket_folder() -> None:
    entry = django_database(postgres.database_url(Path("/Srv/Camp")))
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("/Srv/Camp/postgres/run", "5432", "camp")


@pytest.mark.parametrize(
    "url", ["mysql://h/db", "camp", "postgres://secret:word@h:1/db?nonsense=1", "postgres://h:x y/"]
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        django_database(url)
    assert "word" not in str(refused.value)


def test_what_pgmq_joins_unquoted_survives_it() -> None:
    from pgmq.base import PGMQConfig

    url = "postgres://a%20b:p%27w%20%5Cx@h:1/db?sslmode=require&application_name=x%20y"
    joined = PGMQConfig(conn_string=pgmq_conninfo(url)).dsn
    assert conninfo_to_dict(joined) == conninfo_to_dict(url)


def test_with_a_broker_the_database_is_left_alone() -> None:
    settings = queue.celery_settings("postgres://h/camp", "redis://h/0")
    assert settings["CELERY_BROKER_URL"] == "redis://h/0"
    assert settings["CELERY_BROKER_TRANSPORT_OPTIONS"] == {"visibility_timeout": queue.VISIBILITY_SECONDS}


def test_tasks_go_through_the_embedded_database_and_survive_a_second_install(var: Path) -> None:
    with postgres.running(var) as server:
        with psycopg.connect(server.url) as connection:
            assert queue.install_pgmq(connection)
        app = Celery("sender", set_as_current=False)
        app.config_from_object(queue.celery_settings(server.url, None), namespace="CELERY")
        app.send_task("camp.tasks.remind", args=[73])
        with psycopg.connect(server.url) as connection:
            assert not queue.install_pgmq(connection)
        with app.connection_for_read() as broker, broker.SimpleQueue("celery") as waiting:
            message = waiting.get(timeout=10)
            assert (message.headers["task"], message.payload[0]) == ("camp.tasks.remind", [73])
            message.ack()
            with pytest.raises(Empty):
                waiting.get_nowait()


def test_what_a_killed_worker_had_taken_is_given_back(var: Path) -> None:
    with postgres.running(var) as server, psycopg.connect(server.url, autocommit=True) as connection:
        with connection.transaction():
            queue.install_pgmq(connection)
        connection.execute("SELECT pgmq.create('celery'), pgmq.create('mail')")
        connection.execute(
            "SELECT pgmq.send('celery', '{}'), pgmq.send('celery', '{}'), pgmq.send('mail', '{}', 600)"
        )
        connection.execute("SELECT pgmq.read('celery', 2100, 1)")
        assert queue.release_unfinished(connection) == 1  # not the one that was sent to be read later
        assert len(connection.execute("SELECT pgmq.read('celery', 2100, 5)").fetchall()) == 2
