"""The feed through a second parser, the one that browsers' calendars use, beside Python's own."""

from datetime import UTC
from typing import Any

import icalendar
from django.utils import timezone

from incubator.running.environment import PROJECT
from tenants.consulting import services
from tenants.consulting.models import Booking

from .conftest import Camp

ICAL_JS = PROJECT / "node_modules" / "ical.js" / "dist" / "ical.es5.min.cjs"
READ = """text => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
  return calendar.getAllSubcomponents("vevent").map(part => {
    const event = new ICAL.Event(part);
    return {
      uid: event.uid,
      sequence: event.sequence,
      starts: event.startDate.toJSDate().toISOString(),
      ends: event.endDate.toJSDate().toISOString(),
      summary: event.summary,
      location: event.location || "",
      status: part.getFirstPropertyValue("status"),
      zone: event.startDate.zone.tzid,
    };
  });
}"""


def by_browser(camp: Camp, text: str) -> list[dict[str, Any]]:
    page = camp.page(timezone_id="America/New_York")
    page.add_script_tag(
        content=f"var module = {{}}, exports = {{}};\n{ICAL_JS.read_text()}\nwindow.ICAL = module.exports;"
    )
    found: list[dict[str, Any]] = page.evaluate(READ, text)
    return found


def by_python(text: str) -> list[dict[str, Any]]:
    return [
        {
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "starts": _instant(event["DTSTART"].dt),
            "ends": _instant(event["DTEND"].dt),
            "summary": str(event["SUMMARY"]),
            "location": str(event.get("LOCATION", "")),
            "status": str(event["STATUS"]),
            "zone": event["DTSTART"].params["TZID"],
        }
        for event in icalendar.Calendar.from_ical(text).walk("VEVENT")
    ]


def _instant(moment: Any) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def test_two_parsers_read_the_same_and_no_uid_ever_changes(camp: Camp) -> None:
    booking: Booking = camp.world.mine.things["booking"]
    person = booking.attendee
    now = timezone.now()
    token = services.renew_feed(user=person, actor=person, now=now)
    page = camp.page()

    def read() -> dict[str, dict[str, Any]]:
        answer = page.request.get(f"/calendar/{token}.ics")
        assert answer.ok
        text = answer.text()
        events = by_browser(camp, text)
        assert events == by_python(text)
        return {event["uid"]: event for event in events}

    before = read()
    # Classes, mentor days and demo days stand in it too.
    assert len([uid for uid in before if uid.endswith("@consulting.camp")]) == 2
    proposal = camp.world.mine.things["proposal"]
    services.answer_proposal(proposal=proposal, accept=True, actor=booking.adviser.user, now=now)
    moved = read()
    assert moved.keys() == before.keys()
    (uid,) = [uid for uid in moved if moved[uid] != before[uid]]
    assert moved[uid]["starts"] != before[uid]["starts"]
    assert moved[uid]["sequence"] > before[uid]["sequence"]
    services.cancel_booking(
        booking=Booking.objects.live().get(uid=booking.uid), reason="변경", actor=None, now=now
    )
    cancelled = read()
    assert cancelled.keys() == before.keys()
    assert cancelled[uid]["status"] == "CANCELLED"
    assert cancelled[uid]["sequence"] > moved[uid]["sequence"]
