from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class PeriodClosed(DomainError):
    code = "period_closed"
    message = _("This period is closed; its reports cannot be changed any more.")
    field = "period"


class ReportSubmitted(DomainError):
    code = "report_submitted"
    message = _("This report was submitted and stays as it is. Correct it by a new revision.")


class ReportAtOnce(DomainError):
    code = "report_at_once"
    message = _("A colleague is saving this report at the same moment. Please look at theirs and save again.")


class UnknownIndicator(DomainError):
    code = "unknown_indicator"
    message = _("There is no indicator “%(code)s”.")
    field = "values"
    status = 400


class FiguresMissing(DomainError):
    code = "figures_missing"
    message = _("Please fill in every indicator before you submit. Missing: %(missing)s.")
    field = "values"
    status = 400


class NegativeFigure(DomainError):
    code = "negative_figure"
    message = _("A figure cannot be below zero.")
    field = "values"
    status = 400


class PeriodNameTaken(DomainError):
    code = "period_name_taken"
    message = _("There is a period of this name already.")
    field = "name"


class PeriodEmpty(DomainError):
    code = "period_empty"
    message = _("The period must end after it starts, and be due after its end.")
    field = "due_on"
    status = 400
