"""A request from its report to its end: who is told, what is due, what stays inside."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, acting_as_system, database_role
from incubator.common.errors import NotAllowed
from incubator.common.uploads import NotAPicture
from incubator.mailing.models import Mail
from tenants.helpdesk import selectors, services
from tenants.helpdesk.enums import OPEN_STATES, STEPS, RequestState
from tenants.helpdesk.errors import (
    CategoryClosed,
    DueInThePast,
    KeyUsed,
    NotStaff,
    ReasonMissing,
    RequestOver,
    SatisfactionOutOfRange,
    TextMissing,
    TooManyPhotos,
    UnknownPlace,
    WrongStep,
)
from tenants.helpdesk.models import HelpRequest, RequestEvent, RequestPhoto
from tests.factories.accounts import acting_staff, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.files import document, picture
from tests.factories.helpdesk import NOW, category, reported
from tests.factories.leases import LeaseFactory, moment

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def told(*, after=0):
    """Who has been written to, in order."""
    return list(Mail.objects.order_by("pk").values_list("user__name", flat=True))[after:]


def lines(request):
    return list(request.lines.order_by("at", "pk").values_list("kind", "from_state", "to_state"))


class TestReporting:
    def test_it_is_due_after_the_categorys_working_days(self):
        assert reported().due_on == date(2026, 11, 30)

    def test_it_goes_first_to_whom_the_category_says(self):
        person = staff_member(StaffGroup.LEASES, name="담당")
        services.change_category(category=category(), actor=None, owner=person)
        request = reported()
        assert request.owner == person
        assert told() == ["담당"]

    def test_nobody_in_charge_means_the_managers_of_leases_else_the_directors(self):
        staff_member(name="단장")
        reported()
        assert told() == ["단장"]
        staff_member(StaffGroup.LEASES, name="공간 담당")
        staff_member(StaffGroup.CREDITS, name="크레딧 담당")
        reported()
        assert told(after=1) == ["공간 담당"]

    def test_the_same_form_twice_is_one_request(self):
        company = CompanyFactory()
        founder = founder_of(company)
        first = reported(company, key="k", actor=founder)
        assert reported(company, key="k", actor=founder) == first
        assert (HelpRequest.objects.count(), RequestEvent.objects.count()) == (1, 1)
        with pytest.raises(KeyUsed):
            reported(company, key="k", actor=founder, title="다른 일")

    def test_a_place_is_one_of_the_own_spaces(self):
        own, other = LeaseFactory(), LeaseFactory()
        founder = founder_of(own.company)
        place = own.space.place
        assert reported(own.company, actor=founder, place=place).place == place
        with pytest.raises(UnknownPlace):
            reported(own.company, actor=founder, place=other.space.place)

    def test_what_is_refused_leaves_nothing(self):
        company = CompanyFactory()
        with pytest.raises(TextMissing):
            reported(company, text=" \n ")
        services.change_category(category=category(), actor=None, active=False)
        with pytest.raises(CategoryClosed):
            reported(company)
        with pytest.raises(NotAllowed):
            reported(company, actor=founder_of(CompanyFactory()), category=category("other"))
        assert not HelpRequest.objects.exists()

    def test_photographs_are_drawn_anew_and_what_is_none_is_refused(self):
        request = reported(photos=[picture(), picture(colour="red")])
        photos = RequestPhoto.objects.filter(event__request=request)
        assert [photo.image.name.endswith(".webp") for photo in photos] == [True, True]
        with pytest.raises(NotAPicture):
            reported(photos=[document("photo.png")])
        with pytest.raises(TooManyPhotos):
            reported(photos=[picture()] * 7)
        assert HelpRequest.objects.count() == 1


class TestTheWholeStory:
    def test_from_received_to_closed(self):
        manager = acting_staff(StaffGroup.LEASES)
        request = reported()
        services.start(request=request, actor=manager, now=LATER)
        services.wait_for_company(request=request, text="언제 방문할까요?", actor=manager, now=LATER)
        services.comment(request=request, text="내일 오후요.", actor=request.reporter, now=LATER)
        services.solve(request=request, text="고쳤습니다.", actor=manager, now=LATER)
        services.confirm_solved(request=request, satisfaction=4, actor=request.reporter, now=LATER)
        request.refresh_from_db()
        assert (request.state, request.closed_by, request.satisfaction) == ("closed", "company", 4)
        assert (request.owner, request.answered_at, request.solved_at) == (manager, LATER, LATER)
        assert lines(request) == [
            ("opened", "", "received"),
            ("state", "received", "in_progress"),
            ("state", "in_progress", "waiting_company"),
            ("state", "waiting_company", "in_progress"),
            ("state", "in_progress", "solved"),
            ("state", "solved", "closed"),
        ]
        with pytest.raises(RequestOver):
            services.comment(request=request, text="또요", actor=request.reporter, now=LATER)

    def test_not_solved_opens_it_again_with_a_new_day(self):
        request = reported()
        services.solve(request=request, text="고쳤습니다.", actor=None, now=LATER)
        with pytest.raises(ReasonMissing):
            services.say_unsolved(request=request, text=" ", actor=request.reporter, now=LATER)
        friday = moment(2026, 11, 27)
        services.say_unsolved(request=request, text="또 샙니다.", actor=request.reporter, now=friday)
        request.refresh_from_db()
        assert (request.state, request.reopened, request.due_on) == ("reopened", 1, date(2026, 12, 4))
        assert (request.solved_at, request.closes_on) == (None, None)

    def test_silence_closes_it_after_the_last_day_and_says_so(self):
        request = reported()
        services.solve(request=request, text="고쳤습니다.", actor=None, now=LATER)
        assert HelpRequest.objects.get().closes_on == date(2026, 11, 30)
        before = len(told())
        assert services.close_silent(actor=None, now=moment(2026, 11, 30, 23)) == 0
        assert services.close_silent(actor=None, now=moment(2026, 12, 1, 8)) == 1
        assert services.close_silent(actor=None, now=moment(2026, 12, 1, 9)) == 0
        request.refresh_from_db()
        assert (request.state, request.closed_by) == ("closed", "silence")
        assert told(after=before) == [request.reporter.name]

    def test_declined_needs_a_reason_and_is_the_end(self):
        request = reported()
        with pytest.raises(ReasonMissing):
            services.decline(request=request, text="", actor=None, now=LATER)
        services.decline(request=request, text="배관 여건상 어렵습니다.", actor=None, now=LATER)
        assert Mail.objects.latest("pk").body.count("배관 여건상 어렵습니다.") == 1
        with pytest.raises(WrongStep):
            services.solve(request=request, text="아니요", actor=None, now=LATER)

    def test_the_company_takes_it_back(self):
        request = reported()
        services.withdraw(request=request, actor=request.reporter, now=LATER)
        request.refresh_from_db()
        assert (request.state, request.closed_by) == ("closed", "withdrawn")

    @pytest.mark.parametrize("score", [0, 6, -1])
    def test_satisfaction_is_one_to_five(self, score):
        request = reported()
        services.solve(request=request, text="고쳤습니다.", actor=None, now=LATER)
        with pytest.raises(SatisfactionOutOfRange):
            services.confirm_solved(request=request, satisfaction=score, actor=request.reporter, now=LATER)

    @pytest.mark.parametrize("before", RequestState.values)
    @pytest.mark.parametrize("after", RequestState.values)
    def test_the_database_knows_the_steps(self, before, after):
        request = reported()
        values = {
            "closed": {"closed_at": NOW, "closed_by": "camp"},
            "declined": {"closed_at": NOW},
            "solved": {"solved_at": NOW, "closes_on": NOW.date()},
        }
        path = {"solved": ["solved"], "reopened": ["solved", "reopened"], "received": []}
        for state in path.get(before, [before]):
            HelpRequest.objects.filter(pk=request.pk).update(state=state, **values.get(state, {}))
        blank = {"closed_at": None, "closed_by": ""}
        allowed = before == after or (before, after) in STEPS
        try:
            with transaction.atomic():
                HelpRequest.objects.filter(pk=request.pk).update(
                    state=after, **{**blank, **values.get(after, {})}
                )
        except (ProgrammingError, IntegrityError):
            assert not allowed
        else:
            assert allowed

    def test_history_is_neither_changed_nor_deleted(self):
        request = reported(photos=[picture()])
        for change in (
            lambda: RequestEvent.objects.update(text="anders"),
            lambda: RequestEvent.objects.all()._raw_delete("default"),
            lambda: RequestPhoto.objects.all()._raw_delete("default"),
            lambda: HelpRequest.objects.filter(pk=request.pk).update(text="anders"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


class TestHandling:
    def test_who_may(self):
        request = reported()
        for actor in (request.reporter, acting_staff(StaffGroup.AUDITOR)):
            for step in (services.answer, services.solve, services.decline, services.note):
                with pytest.raises(NotAllowed):
                    step(request=request, text="x", actor=actor, now=LATER)
        stranger = founder_of(CompanyFactory())
        for step in (services.comment, services.say_unsolved):
            with pytest.raises(NotAllowed):
                step(request=request, text="x", actor=stranger, now=LATER)
        services.answer(request=request, text="x", actor=acting_staff(StaffGroup.MATCHING), now=LATER)

    def test_only_staff_can_be_in_charge_and_is_told_once(self):
        request, person = reported(), staff_member(StaffGroup.CREDITS, name="새 담당")
        with pytest.raises(NotStaff):
            services.assign(request=request, owner=request.reporter, actor=None, now=LATER)
        before = len(told())
        for _twice in range(2):
            services.assign(request=request, owner=person, actor=None, now=LATER)
        assert told(after=before) == ["새 담당"]

    def test_a_new_due_day_is_not_in_the_past(self):
        request = reported()
        with pytest.raises(DueInThePast):
            services.set_due(request=request, due_on=date(2026, 11, 22), actor=None, now=NOW)
        services.set_due(request=request, due_on=date(2026, 12, 11), text="부품", actor=None, now=NOW)
        assert "2026. 12. 11." in Mail.objects.latest("pk").body or "11 Dec" in Mail.objects.latest("pk").body

    def test_the_first_answer_is_counted_once(self):
        request = reported()
        services.note(request=request, text="내부", actor=None, now=LATER)
        assert HelpRequest.objects.get().answered_at is None
        services.answer(request=request, text="확인하겠습니다.", actor=None, now=LATER)
        services.answer(request=request, text="더", actor=None, now=LATER + timedelta(days=1))
        assert HelpRequest.objects.get().answered_at == LATER


class TestMails:
    def test_each_side_is_told_of_the_other_and_nobody_of_what_they_did(self):
        manager = acting_staff(StaffGroup.LEASES)
        request = reported()
        assert told() == [manager.name]
        services.start(request=request, actor=manager, now=LATER)
        assert told(after=1) == [request.reporter.name]
        services.comment(request=request, text="감사합니다.", actor=request.reporter, now=LATER)
        assert told(after=2) == [manager.name]

    def test_an_internal_note_is_told_nobody(self):
        request = reported()
        before = len(told())
        services.note(request=request, text="우리끼리만", actor=None, now=LATER)
        assert told(after=before) == []

    def test_who_left_the_company_is_not_told_its_owners_are(self):
        company = CompanyFactory()
        owner = founder_of(company, name="대표")
        gone = founder_of(company, level="member", name="떠난 이")
        request = reported(company, actor=gone)
        company.memberships.filter(user=gone).delete()
        services.answer(request=request, text="답변", actor=None, now=LATER)
        assert told() == [owner.name]

    def test_they_go_out_when_it_is_committed(self, django_capture_on_commit_callbacks):
        manager = staff_member(StaffGroup.LEASES)
        with django_capture_on_commit_callbacks(execute=True):
            reported()
            assert mail.outbox == []
        assert [each.to for each in mail.outbox] == [[manager.email]]


class TestWalls:
    """What the database itself says to a founder."""

    def as_founder(self, request):
        reader = request.reporter
        return database_role(Role.FOUNDER, user_id=reader.pk, company_ids=[request.company_id])

    def test_internal_lines_do_not_exist_for_a_founder(self):
        request = reported()
        services.note(request=request, text="우리끼리만", actor=None, now=LATER)
        with self.as_founder(request):
            assert list(RequestEvent.objects.values_list("kind", flat=True)) == ["opened"]
            assert selectors.history_of(request.reporter, request)[0].kind == "opened"
        assert RequestEvent.objects.count() == 2

    def test_a_founder_writes_no_line_of_the_camps(self):
        request = reported()
        for values in (
            {"by_camp": True},
            {"internal": True, "by_camp": True},
            {"actor_id": None},
            {"kind": "assigned"},
        ):
            line = {
                "request": request,
                "kind": "comment",
                "text": "x",
                "by_camp": False,
                "at": NOW,
                "actor_id": request.reporter.pk,
            }
            with self.as_founder(request), pytest.raises(ProgrammingError), transaction.atomic():
                RequestEvent.objects.create(**{**line, **values})

    def test_a_founder_neither_declines_nor_takes_charge(self):
        request = reported()
        for values in ({"state": "declined", "closed_at": NOW}, {"owner_id": request.reporter.pk}):
            with self.as_founder(request), pytest.raises(ProgrammingError), transaction.atomic():
                HelpRequest.objects.filter(pk=request.pk).update(**values)

    def test_another_companys_request_does_not_exist(self):
        request, other = reported(photos=[picture()]), reported()
        with self.as_founder(other):
            assert set(HelpRequest.objects.values_list("pk", flat=True)) == {other.pk}
            assert RequestPhoto.objects.count() == 0
        with acting_as_system():
            assert HelpRequest.objects.filter(state__in=OPEN_STATES).count() == 2
        assert request.pk != other.pk
