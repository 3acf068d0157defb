"""The camp's own rules of consulting, as numbers."""

from datetime import timedelta

# Cancelled closer to its beginning than this, a session counts as cancelled late.
LATE = timedelta(hours=24)
# How long a freed time is held for a company that waits, and how far ahead it must lie to be offered at all.
OFFER_STANDS = timedelta(hours=12)
OFFER_AHEAD = timedelta(hours=2)
PROPOSAL_STANDS = timedelta(hours=72)
MOST_WEEKS = 12
MOST_FILES = 5
MOST_WAITING = 10
WAITING_AHEAD = timedelta(days=184)
MOST_ATTENDEES = 10
# An external calendar that has not been read for this long no longer protects its adviser.
CALENDAR_IS_STALE = timedelta(hours=6)
# After how many days an adviser is reminded of a report that is missing, each once, and when managers see it too.
REPORT_REMINDERS = (1, 3, 7)
REPORT_IS_LATE = timedelta(days=7)
# What is older was forgotten before anybody was reminded, and is left to the managers.
REMINDED_FOR = timedelta(days=30)
MOST_STEPS = 20
STEP_AHEAD = timedelta(days=730)
# How long a company may correct what it thought of a session.
RATING_OPEN = timedelta(days=14)
