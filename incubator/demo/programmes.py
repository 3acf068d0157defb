"""A series of classes that is running, with attendance; a group consulting open for sign-up, with a waiting list; and what
advisers are paid, one month of it closed."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from incubator.mailing.models import Mail
from tenants.consulting.enums import PayeeKind, Place, RateUnit
from tenants.consulting.honoraria import months_earlier
from tenants.consulting.models import MeetingRoom
from tenants.consulting.services import close_month, set_rate
from tenants.programmes.enums import Presence, ProgrammeKind
from tenants.programmes.models import Programme, SignUp
from tenants.programmes.services import (
    add_material,
    create_programme,
    move_on,
    plan_meeting,
    publish_programme,
    record_attendance,
    sign_up,
)

from .camp import Camp, as_director, as_owner
from .days import days_before
from .texts import CLASSES

# Days from today: at an hour that no session has.
_RUNNING, _OPEN = (-17, -10, -3, 4, 11, 18), (9, 16)
_EVENING = (18, 20)
_SEATS, _FEW = 20, 4
_RATES = ((120_000, PayeeKind.OTHER), (150_000, PayeeKind.BUSINESS), (200_000, PayeeKind.CORPORATION))


def make_programmes(camp: Camp) -> int:
    office = as_director(camp.director)
    running = _programme(camp, "running", _RUNNING, days_before(camp.today, 30), _SEATS, office)
    people = _sign_up(camp, running, range(min(len(camp.companies), 14)), days_before(camp.today, 25))
    dice = camp.dice("programmes")
    for at, meeting in enumerate(running.meetings.filter(period__endswith__lt=camp.now).order_by("period")):
        for number, one in enumerate(people):
            came = dice.choices(list(Presence.values), weights=(80, 8, 6, 6))[0]
            # The first company has been there every time.
            record_attendance(
                meeting=meeting,
                sign_up=one,
                presence=Presence.PRESENT if number == 0 else came,
                actor=office,
                now=meeting.starts,
            )
        text = CLASSES["running"]["material"].encode()
        file = SimpleUploadedFile(f"{at + 1}강 자료.txt", text)
        add_material(programme=running, meeting=meeting, file=file, actor=office, now=meeting.starts)
    opened = _programme(camp, "open", _OPEN, days_before(camp.today, 5), _FEW, office)
    _sign_up(camp, opened, range(1, min(len(camp.companies), 7)), days_before(camp.today, 2))
    move_on(now=camp.now)
    Mail.objects.filter(topic="programmes").update(
        claimed_at=F("made_at"), sent_at=F("made_at") + timedelta(seconds=4), attempts=1
    )
    _pay(camp, office)
    return Programme.objects.count()


def _programme(
    camp: Camp, key: str, days: tuple[int, ...], planned_on: Any, seats: int, office: Any
) -> Programme:
    words = CLASSES[key]
    adviser = camp.advisers[0 if key == "running" else 1 % len(camp.advisers)]
    first = camp.today + timedelta(days=days[0])
    programme = create_programme(
        title=words["title"],
        title_en=words["title_en"],
        description=words["description"],
        description_en=words["description_en"],
        kind=ProgrammeKind.SERIES if key == "running" else ProgrammeKind.GROUP,
        adviser=adviser,
        topic=adviser.fields[0],
        language="ko",
        seats=seats,
        opens_at=camp.at(planned_on, 9),
        closes_at=camp.at(days_before(first, 1), 18),
        attendance_needed=80,
        actor=office,
    )
    room = MeetingRoom.objects.order_by("-name").first()
    for number, ahead in enumerate(days, start=1):
        day = camp.today + timedelta(days=ahead)
        online = key == "open"
        plan_meeting(
            programme=programme,
            starts=camp.at(day, _EVENING[0]),
            ends=camp.at(day, _EVENING[1]),
            place=Place.ONLINE if online else Place.ROOM,
            room=None if online else room,
            online_url="https://meet.example/group" if online else "",
            subject=words["subject"] % number,
            actor=office,
            now=camp.at(planned_on, 9),
        )
    return publish_programme(programme=programme, actor=office, now=camp.at(planned_on, 9))


def _sign_up(camp: Camp, programme: Programme, places: range, day: Any) -> list[SignUp]:
    """The owners of these companies, one after the other; who finds no seat left waits."""
    found = []
    for place in places:
        company = camp.companies[place]
        owner = as_owner(camp.owners[place], company)
        found.append(
            sign_up(
                programme=programme,
                company=company,
                person=owner,
                wait=True,
                actor=owner,
                now=camp.at(day, 11, place),
            )
        )
    return found


def _pay(camp: Camp, office: Any) -> None:
    """A rate for every adviser but the last, of whom it is missing; the month before the last is settled."""
    first = months_earlier(camp.today, 12)
    for at, adviser in enumerate(camp.advisers[:-1] or camp.advisers):
        amount, kind = _RATES[at % len(_RATES)]
        set_rate(
            adviser=adviser,
            amount_krw=amount,
            unit=RateUnit.HOUR,
            kind=kind,
            first=first,
            source="2026년 위촉 계약",
            actor=office,
        )
    close_month(month=months_earlier(camp.today, 2), without_missing=True, actor=office, now=camp.now)
