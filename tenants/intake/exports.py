"""Applications as rows of a spreadsheet."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incubator.common.display import business_number
from incubator.common.downloads import Cell

from .models import Answer, Application, Question


def applications(found: QuerySet[Application]) -> list[Sequence[Cell]]:
    """A row an application, the header first, with a column for each question of their calls. In three queries."""
    rows = list(found.order_by("call_id", "number", "pk"))
    questions = list(
        Question.objects.filter(call__in={row.call_id for row in rows}).order_by("call_id", "order", "pk")
    )
    answers = Answer.objects.filter(application__in=rows).values_list(
        "application_id", "question_id", "value"
    )
    said = {(application, question): value for application, question, value in answers}
    head: list[Cell] = [
        _("Call"), _("Number"), _("State"), _("Submitted"), _("Name"), _("English name"), _("Representative"), _("E-mail"),
        _("Business registration number"), _("Founded"), _("Stage"), _("Region"), _("Sectors"), _("What it does"),
        *(str(question) for question in questions),
    ]  # fmt: skip
    return [head, *(_row(row, questions, said) for row in rows)]


def _row(row: Application, questions: list[Question], said: dict[tuple[int, int], object]) -> list[Cell]:
    who = row.applicant
    return [
        str(row.call), row.number, row.get_state_display(), row.submitted_at, who.name, who.name_en, who.representative,
        who.contact_email or who.email, business_number(who.business_number) if who.business_number else "", row.founded_on,
        row.get_stage_display(), row.get_region_display(), ", ".join(row.sector_labels), row.summary,
        *(_cell(said.get((row.pk, question.pk))) for question in questions),
    ]  # fmt: skip


def _cell(value: object) -> Cell:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, int | str) else None
