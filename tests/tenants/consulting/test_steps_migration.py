"""The one step that a report had becomes a row with its history, and goes back where it came from."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenants.consulting.models import NextStep, SessionReport
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    BookingFactory,
    NextStepFactory,
    SessionReportFactory,
    at,
)

pytestmark = pytest.mark.django_db


def _migrate(name):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([("consulting", name)])


def _ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None


def test_back_and_forth():
    adviser = AdviserFactory()
    several, plain = (
        SessionReportFactory(booking=BookingFactory(slot__adviser=adviser, slot__starts=at(1, hour)))
        for hour in (8, 9)
    )
    NextStepFactory(report=several, text="첫째", state="done", closed_at=NOW)
    NextStepFactory(report=several, text="둘째", owner="office")
    _migrate("0010_after_sessions")
    columns = "SELECT next_step, next_step_done FROM consulting_sessionreport WHERE booking_id = %s"
    assert _ask(columns, several.pk) == [("첫째\n둘째", False)]
    assert _ask(columns, plain.pk) == [("", False)]
    change = "UPDATE consulting_sessionreport SET {} WHERE booking_id = %s"
    _ask(change.format("next_step = '옛 단계'"), plain.pk)
    _ask(change.format("next_step_done = true, field = '', session_on = '2000-01-01'"), plain.pk)
    _migrate("0013_walls_of_reports")
    step = NextStep.objects.get(report=plain)
    assert (step.text, step.owner, step.state, step.closed_at, step.due_on) == (
        "옛 단계",
        "company",
        "done",
        NOW,
        None,
    )
    states = NextStep.pgh_event_model.objects.filter(pgh_obj=step, pgh_label="update").order_by("pgh_id")
    assert [each.state for each in states] == ["open", "done"]
    assert [each.text for each in NextStep.objects.filter(report=several)] == ["첫째\n둘째"]
    report = SessionReport.objects.get(pk=plain.pk)
    assert (report.field, report.session_on) == (adviser.fields[0], at(1, 9).date())
    assert SessionReport.objects.get(pk=several.pk).field == several.field
