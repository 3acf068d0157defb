"""Teachers and rooms are in one place at a time, and consulting keeps off the time of a meeting."""

from datetime import timedelta

import pytest

from incubator.common.errors import NotAllowed
from incubator.common.icalendars import events_of
from incubator.mailing.models import Mail
from tenants.consulting import services as consulting
from tenants.consulting.errors import AdviserHeld, RoomTaken, SlotsOverlap
from tenants.consulting.models import Slot, TimeHold
from tenants.consulting.times import time_for, times_for
from tenants.programmes import services
from tenants.programmes.errors import BadTime, MeetingsOverlap, NoMeeting, PlaceMissing, TimePast
from tenants.programmes.models import Meeting
from tests.factories.accounts import acting_staff
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AvailabilityFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    adviser_person,
    at,
    hour_of,
)
from tests.factories.programmes import ProgrammeFactory, SignUpFactory, programme, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return acting_staff("consulting")


@pytest.fixture
def room():
    return MeetingRoomFactory()


def plan(found, manager, starts=None, minutes=120, **values):
    starts = starts or at(9, 14)
    values = values or {"place": "visit", "address": "첨단과기로"}
    return services.plan_meeting(
        programme=found,
        starts=starts,
        ends=starts + timedelta(minutes=minutes),
        actor=manager,
        now=NOW,
        **values,
    )


def test_no_teacher_of_ours_is_in_two_meetings_at_once(manager):
    adviser = AdviserFactory()
    plan(ProgrammeFactory(adviser=adviser), manager)
    other = ProgrammeFactory(adviser=adviser)
    with pytest.raises(AdviserHeld):
        plan(other, manager, at(9, 15, 59))
    plan(other, manager, at(9, 16))


def test_no_room_is_in_two_meetings_at_once_whoever_teaches(manager, room):
    plan(ProgrammeFactory(), manager, place="room", room=room)
    outsider = ProgrammeFactory(adviser=None, teacher_name="김강사, 어느 대학교")
    with pytest.raises(RoomTaken):
        plan(outsider, manager, at(9, 15), place="room", room=room)
    plan(outsider, manager, at(9, 15), place="room", room=MeetingRoomFactory())


def test_a_meeting_across_midnight_on_the_leap_day_holds_both_days(manager):
    adviser = AdviserFactory()
    night = at(29, 23, month=2, year=2028)
    found = ProgrammeFactory(adviser=adviser)
    meeting = plan(found, manager, night, 180)
    assert (meeting.minutes, meeting.hold.period) == (180, meeting.period)
    with pytest.raises(AdviserHeld):
        plan(ProgrammeFactory(adviser=adviser), manager, at(1, 1, month=3, year=2028))
    with pytest.raises(MeetingsOverlap):
        plan(
            _outsider_of(found),
            manager,
            at(1, 0, month=3, year=2028),
        )


def _outsider_of(found):
    """The same programme, taught by somebody of whom nothing is held: its own meetings still keep apart."""
    found.adviser, found.teacher_name = None, "김강사"
    found.save()
    return found


def test_free_times_keep_off_a_meeting_and_come_back_when_it_is_called_off(manager):
    hours = AvailabilityFactory()
    _company, founder = someone()
    wanted = hour_of(hours.adviser, at(16, 14))
    meeting = plan(ProgrammeFactory(adviser=hours.adviser), manager, at(16, 14), 60)
    assert time_for(None, wanted.key, now=NOW) is None
    starts = [time.starts for time in times_for(founder, now=NOW).found if time.day.day == 16]
    assert starts == [at(16, 15), at(16, 16)]
    services.call_off_meeting(meeting=meeting, reason="강사 사정", actor=manager, now=NOW)
    assert time_for(None, wanted.key, now=NOW) is not None
    assert TimeHold.objects.get().live is False


def test_the_database_keeps_slots_and_meetings_apart_both_ways(manager, room):
    adviser = AdviserFactory()
    plan(ProgrammeFactory(adviser=adviser), manager, at(9, 14), place="room", room=room)
    for who, where, refusal in ((adviser, None, SlotsOverlap), (AdviserFactory(), room, RoomTaken)):
        with pytest.raises(refusal):
            consulting.open_slots(
                adviser=who, starts=at(9, 15), ends=at(9, 16), minutes=60, room=where, actor=None, now=NOW
            )
    booked = BookingFactory(slot__starts=at(10, 14), slot__room=room)
    with pytest.raises(AdviserHeld):
        plan(ProgrammeFactory(adviser=booked.adviser), manager, at(10, 13))
    with pytest.raises(RoomTaken):
        plan(ProgrammeFactory(), manager, at(10, 13), place="room", room=room)


def test_a_time_that_is_offered_and_free_gives_way_to_a_meeting(manager):
    slot = SlotFactory(starts=at(9, 14))
    plan(ProgrammeFactory(adviser=slot.adviser), manager)
    assert Slot.objects.get(pk=slot.pk).state == "withdrawn"


def test_another_teacher_is_held_in_place_of_the_first(manager):
    found = ProgrammeFactory()
    plan(found, manager)
    first, second = found.adviser, AdviserFactory()
    services.change_programme(programme=found, adviser=second, actor=manager, now=NOW)
    assert list(TimeHold.objects.filter(live=True).values_list("adviser_id", flat=True)) == [second.pk]
    plan(ProgrammeFactory(adviser=first), manager)


def test_moving_a_meeting_moves_what_it_holds_and_tells_the_participants(manager):
    found = ProgrammeFactory()
    meeting = plan(found, manager)
    sign_up = SignUpFactory(programme=found)
    values = {"place": "online", "online_url": "https://meet.example/class", "actor": manager, "now": NOW}
    services.change_meeting(meeting=meeting, starts=at(9, 15), ends=at(9, 17), **values)
    assert TimeHold.objects.get(live=True).period.lower == at(9, 15)
    mail = Mail.objects.get()
    assert mail.user_id == sign_up.person_id
    assert "https://meet.example" not in mail.body
    # The subject alone is no news.
    services.change_meeting(meeting=meeting, starts=at(9, 15), ends=at(9, 17), subject="1강", **values)
    assert Mail.objects.count() == 1
    assert Meeting.objects.get().subject == "1강"


def test_what_is_refused(manager):
    found = ProgrammeFactory()
    with pytest.raises(NotAllowed):
        plan(found, adviser_person(found.adviser))
    with pytest.raises(BadTime):
        plan(found, manager, minutes=0)
    with pytest.raises(BadTime):
        plan(found, manager, minutes=721)
    with pytest.raises(TimePast):
        plan(found, manager, NOW)
    for values in ({"place": "room"}, {"place": "online"}, {"place": "visit"}, {"place": "moon"}):
        with pytest.raises(PlaceMissing):
            plan(found, manager, **values)
    with pytest.raises(NoMeeting):
        services.publish_programme(programme=ProgrammeFactory(state="draft"), actor=manager, now=NOW)


def test_meetings_are_in_the_calendars_of_who_has_a_seat_and_who_teaches():
    found = programme(at(12, 14), at(19, 14), seats=5)
    seated, waiting = SignUpFactory(programme=found), SignUpFactory(programme=found, state="waiting")
    teacher = adviser_person(found.adviser)
    counts = [
        len([each for each in events_of(person, NOW) if "programmes" in each.uid])
        for person in (seated.person, waiting.person, teacher)
    ]
    assert counts == [2, 0, 2]


def test_programmes_move_on_by_themselves_and_stay_where_they_are():
    found = programme(at(12, 14), at(19, 14))
    assert services.move_on(now=at(12, 13)) == 0
    assert services.move_on(now=at(12, 14)) == 1
    found.refresh_from_db()
    assert found.state == "running"
    assert services.move_on(now=at(19, 16)) == 1
    assert services.move_on(now=at(19, 16)) == 0
    found.refresh_from_db()
    assert found.state == "over"
