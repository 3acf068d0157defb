"""Whoever holds the link of an application, as the actor of services."""

from dataclasses import dataclass
from datetime import timedelta

# A link works for so long; a new one is a mail away.
VALID_FOR = timedelta(days=30)
# Of one application in one hour: enough for whoever lost a mail, too few to fill a stranger's inbox.
MOST_LINKS_AN_HOUR = 5


@dataclass(frozen=True)
class Bearer:
    """The applicant. Has no account and therefore no `pk`: the secret they showed is all they are known by."""

    application_id: int
