from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class DaysAhead(DomainError):
    code = "days_ahead"
    message = _("A paper says what has been received: its last day is today or earlier.")
    field = "to"
    status = 400


class DaysReversed(DomainError):
    code = "days_reversed"
    message = _("The first day lies after the last one.")
    field = "from"
    status = 400


class NothingToState(DomainError):
    code = "nothing_to_state"
    message = _("No support is recorded for these days.")


class RateMissing(DomainError):
    code = "rate_missing"
    message = _(
        "For some of these days no rate is known, so the sums would not be true. The camp office adds the rate; then the paper "
        "can be issued."
    )
