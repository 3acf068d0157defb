from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class JobUnderway(DomainError):
    code = "job_underway"
    message = _("This is being computed already. Wait for it, or stop it first.")


class JobEnded(DomainError):
    code = "job_ended"
    message = _("This computation has ended already.")


class Stopped(Exception):
    """Raised in a computation that somebody stopped, or that another worker has taken over. Nothing to catch: the job
    ends, and nothing of it is written."""
