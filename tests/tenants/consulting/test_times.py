"""Free times as the database makes them: hours, exceptions, busy times, slots and holidays together."""

from datetime import date, time

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from incubator.common.dbroles import Role, database_role
from tenants.consulting import errors, services
from tenants.consulting.enums import Origin, SlotState
from tenants.consulting.models import (
    Booking,
    BookingTerms,
    BusyTime,
    HoursException,
    Slot,
    SlotLink,
)
from tenants.consulting.times import Wanted, time_for, times_for
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AvailabilityFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    adviser_person,
    at,
    cancelled,
    hour_of,
    lasting,
)

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 2, 2)


def shown(user, day=TUESDAY, last=None, **wanted):
    times = times_for(user, now=NOW, first=day, last=last or day, wanted=Wanted(**wanted))
    return [f"{time.starts:%d %H:%M}" for time in times.found]


class TestWhatIsFree:
    def test_weekly_hours_cut_into_sessions(self, founder):
        AvailabilityFactory()
        assert shown(founder) == ["02 14:00", "02 15:00", "02 16:00"]

    def test_a_booked_time_a_busy_one_and_a_closed_one_are_not(self, founder):
        adviser = AvailabilityFactory().adviser
        BookingFactory(slot__adviser=adviser, slot__starts=at(2, 14))
        BusyTime.objects.create(adviser=adviser, period=lasting(at(2, 15, 59), 5))
        assert shown(founder) == []
        BusyTime.objects.all().delete()
        HoursException.objects.create(adviser=adviser, kind="closed", period=lasting(at(2, 16), 5))
        assert shown(founder) == ["02 15:00"]

    def test_buffers_are_kept_from_sessions(self, founder):
        adviser = AvailabilityFactory(ends=time(18)).adviser
        BookingTerms.objects.create(adviser=adviser, minutes_after=15)
        assert shown(founder) == ["02 14:00", "02 15:15", "02 16:30"]
        company = CompanyFactory()
        services.book_slot(
            slot=hour_of(adviser, at(2, 15, 15)),
            company=company,
            attendee=founder_of(company),
            topic="특허",
            actor=None,
            now=NOW,
        )
        assert shown(founder) == ["02 14:00", "02 16:30"]

    def test_a_room_that_somebody_else_has_is_not(self, founder):
        room = MeetingRoomFactory()
        AvailabilityFactory(place="room", room=room)
        SlotFactory(room=room, starts=at(2, 15, 30), minutes=15)
        assert shown(founder) == ["02 14:00", "02 15:30", "02 16:00"]

    def test_what_was_offered_by_hand_stands_besides(self, founder):
        adviser = AvailabilityFactory().adviser
        slot = SlotFactory(adviser=adviser, starts=at(2, 15))
        times = times_for(founder, now=NOW, first=TUESDAY, last=TUESDAY).found
        assert [(time.starts.hour, time.slot_id) for time in times] == [(14, None), (15, slot.pk), (16, None)]

    def test_holidays_are_left_out_and_extra_hours_are_not(self, founder):
        adviser = AvailabilityFactory().adviser
        assert shown(founder, date(2027, 2, 9)) == []
        services.add_exception(
            adviser=adviser, kind="extra", starts=at(9, 10), ends=at(9, 11), actor=None, now=NOW
        )
        assert shown(founder, date(2027, 2, 9)) == ["09 10:00"]

    def test_notice_and_horizon(self, founder):
        adviser = AvailabilityFactory().adviser
        BookingTerms.objects.create(adviser=adviser, notice_hours=29, horizon_days=9)
        assert shown(founder, last=date(2027, 3, 30)) == ["02 15:00", "02 16:00"]

    def test_the_longest_week_is_full_before_its_hours_are(self, founder):
        adviser = AvailabilityFactory().adviser
        BookingTerms.objects.create(adviser=adviser, longest_week_hours=1)
        BookingFactory(slot__adviser=adviser, slot__starts=at(5, 9))
        assert shown(founder) == []
        assert shown(founder, date(2027, 2, 16)) == ["16 14:00", "16 15:00", "16 16:00"]

    def test_an_adviser_who_cannot_be_booked_has_none(self, founder):
        AvailabilityFactory(adviser__active=False)
        assert shown(founder) == []

    def test_filters_ask_the_hours_before_the_adviser(self, founder):
        adviser = AdviserFactory(fields=["patents", "legal"], languages=["ko", "en"])
        AvailabilityFactory(adviser=adviser, topics=["legal"], ends=time(15))
        AvailabilityFactory(adviser=adviser, starts=time(16), languages=["ko"])
        assert shown(founder, field="patents") == ["02 16:00"]
        assert shown(founder, field="legal", language="en") == ["02 14:00"]
        assert shown(founder, language="zh") == shown(founder, field="ai") == []
        assert shown(founder, part="evening") == []
        assert shown(founder, part="afternoon", adviser=adviser.pk) == ["02 14:00", "02 16:00"]

    def test_the_next_free_hour_for_patents_in_english(self, founder):
        AvailabilityFactory(adviser__fields=["patents"], adviser__languages=["ko"])
        english = AvailabilityFactory(weekday="4", adviser__languages=["ko", "en"]).adviser
        found = times_for(founder, now=NOW, wanted=Wanted(field="patents", language="en"))
        assert (found.next.adviser, found.next.starts) == (english, at(4, 14))

    def test_seen_from_behind_the_founders_wall_it_is_the_same(self, founder, company):
        adviser = AvailabilityFactory(online_url="https://meet.example/secret").adviser
        BookingFactory(slot__adviser=adviser, slot__starts=at(2, 14))
        cancelled(slot__adviser=adviser, slot__starts=at(2, 15))
        BusyTime.objects.create(adviser=adviser, period=lasting(at(2, 16)))
        HoursException.objects.create(
            adviser=adviser, kind="closed", period=lasting(at(16, 14)), reason="수술"
        )
        expected = shown(None, last=date(2027, 2, 28))
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            assert shown(founder, last=date(2027, 2, 28)) == expected
            assert len(expected) == 6

    def test_as_many_statements_for_one_adviser_as_for_ten(self, founder):
        def count():
            with CaptureQueriesContext(connection) as queries:
                times_for(founder, now=NOW)
            return len(queries)

        AvailabilityFactory()
        few = count()
        for number in range(10):
            BookingFactory(slot__adviser=AvailabilityFactory().adviser, slot__starts=at(2 + number, 9))
        assert count() == few == 4


class TestBookingOne:
    @pytest.fixture
    def adviser(self):
        return AvailabilityFactory(online_url="https://meet.example/room").adviser

    def book(self, time, founder, company, **values):
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            return services.book_slot(
                slot=time,
                company=company,
                attendee=founder,
                topic="특허",
                actor=founder,
                now=NOW,
                **values,
            )

    def test_stores_its_slot_and_takes_it(self, adviser, founder, company):
        booking = self.book(hour_of(adviser, at(2, 15)), founder, company)
        slot = Slot.objects.get()
        assert (slot.origin, slot.taken, slot.period) == (Origin.HOURS, True, lasting(at(2, 15)))
        assert (booking.slot, booking.slot.online_url) == (slot, "https://meet.example/room")
        assert shown(founder) == ["02 14:00", "02 16:00"]

    def test_given_back_it_is_free_again_and_computed_again(self, adviser, founder, company):
        booking = self.book(hour_of(adviser, at(2, 15)), founder, company)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.cancel_booking(booking=booking, reason="일정 변경", actor=founder, now=NOW)
        assert Slot.objects.get().state == SlotState.RELEASED
        assert shown(founder) == ["02 14:00", "02 15:00", "02 16:00"]
        again = self.book(hour_of(adviser, at(2, 15)), founder, company)
        assert Slot.objects.filter(state="open").get() == again.slot
        assert Booking.objects.count() == 2

    def test_withdrawn_by_the_adviser_it_is_not_offered_again(self, adviser, founder, company):
        slot = self.book(hour_of(adviser, at(2, 15)), founder, company).slot
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            services.withdraw_slot(slot=slot, reason="출장", actor=person, now=NOW)
        assert shown(founder) == ["02 14:00", "02 16:00"]

    def test_hours_that_changed_since_the_look_say_so(self, adviser, founder, company):
        time = hour_of(adviser, at(2, 15))
        adviser.availabilities.update(period=DateRange(date(2027, 1, 1), TUESDAY))
        with pytest.raises(errors.HoursChanged):
            self.book(time, founder, company)
        assert Slot.objects.count() == 0

    def test_a_time_somebody_has_is_taken(self, adviser, founder, company):
        time = hour_of(adviser, at(2, 15))
        self.book(hour_of(adviser, at(2, 15)), founder, company)
        other = CompanyFactory()
        with pytest.raises(errors.SlotTaken):
            self.book(time, founder_of(other), other)

    def test_a_time_that_has_begun_is_past(self, adviser, founder, company):
        time = hour_of(adviser, at(2, 15))
        with pytest.raises(errors.SlotPast):
            services.book_slot(
                slot=time, company=company, attendee=founder, topic="특허", actor=founder, now=at(2, 15)
            )

    def test_the_same_click_five_times_books_once(self, adviser, founder, company):
        time = hour_of(adviser, at(2, 15))
        booked = {self.book(time, founder, company, click="one").pk for _ in range(5)}
        assert len(booked) == Booking.objects.count() == 1

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "x",
            "1-2-3",
            "{adviser}-202702021530-60",
            "{adviser}-202702021500-61",
            "{adviser}-202702301500-60",
            "{adviser}-000001011500-60",
            "{adviser}-999912312359-60",
            "{adviser}-202702021500-060",
            "{adviser}-202702021500-60 ",
            "{adviser}-２０２７０２０２１５００-60",
            "999999999999999999-202702021500-60",
            "{adviser}-202801041400-60",
            "{adviser}-202701261400-60",
        ],
    )
    def test_a_key_that_names_no_free_time_finds_none(self, adviser, founder, key):
        assert time_for(founder, key.format(adviser=adviser.pk), now=NOW) is None

    def test_the_links_stay_the_bookers(self, adviser, founder, company):
        self.book(hour_of(adviser, at(2, 15)), founder, company)
        other = CompanyFactory()
        with database_role(Role.FOUNDER, user_id=founder_of(other).pk, company_ids=[other.pk]):
            assert SlotLink.objects.count() == 0
