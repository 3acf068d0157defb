"""What follows a session: the report with its steps, the rating, the reminders, and who of all people reads what."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import Invalid, NotAllowed
from incubator.common.uploads import FileNotAllowed
from incubator.mailing.models import Mail
from tenants.consulting import errors, selectors, services
from tenants.consulting.ledger import ledger_of
from tenants.consulting.models import (
    Booking,
    CompanyNote,
    NextStep,
    ReportFile,
    ReportNote,
    SessionRating,
    SessionReport,
)
from tenants.consulting.services import StepDraft
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    BookingFactory,
    NextStepFactory,
    RatingFactory,
    SessionReportFactory,
    adviser_person,
    at,
    cancelled,
)
from tests.queries import cost

pytestmark = pytest.mark.django_db

DUE = date(2027, 2, 15)
STEP = StepDraft("초안을 보낸다", "company", DUE)


def write(booking, actor, **values):
    given = {"field": "patents", "advice": "청구항을 나누십시오.", "actor": actor, "now": NOW, **values}
    with database_role(Role.ADVISER, user_id=actor.pk, adviser_id=booking.adviser_id):
        return services.write_report(booking=booking, **given)


@pytest.fixture
def booking(company, adviser):
    return BookingFactory(company=company, slot__adviser=adviser, slot__starts=at(1, 8), state="held")


@pytest.fixture
def person(adviser):
    return adviser_person(adviser)


class TestReport:
    def test_the_same_click_five_times_is_one_report(self, booking, person):
        paper = (b"text", "memo.txt")
        for _ in range(5):
            file = SimpleUploadedFile(paper[1], paper[0])
            report = write(booking, person, steps=[STEP, STEP], files=[file], note="내부")
        assert (SessionReport.objects.count(), NextStep.objects.count(), ReportFile.objects.count()) == (
            1,
            1,
            1,
        )
        assert report.corrected_at is None
        assert SessionReport.pgh_event_model.objects.count() == 1
        assert ReportNote.objects.get().text == "내부"

    def test_a_correction_keeps_what_was_written(self, booking, person):
        write(booking, person, steps=[STEP], note="첫 쪽지")
        step = NextStep.objects.get()
        changed = StepDraft("초안을 보낸다", "office", DUE + timedelta(days=3), step.pk)
        report = write(booking, person, advice="합치십시오.", field="ai", steps=[changed], note="새 쪽지")
        assert (report.corrected_at, report.written_at) == (NOW, NOW)
        events = SessionReport.pgh_event_model.objects.order_by("pgh_id")
        assert [(each.field, each.advice) for each in events] == [
            ("patents", "청구항을 나누십시오."),
            ("ai", "합치십시오."),
        ]
        step.refresh_from_db()
        assert (step.owner, step.due_on) == ("office", date(2027, 2, 18))
        notes = ReportNote.pgh_event_model.objects.order_by("pgh_id")
        assert [each.text for each in notes] == ["첫 쪽지", "새 쪽지"]
        write(booking, person)
        assert ReportNote.objects.get().text == "새 쪽지"
        assert NextStep.objects.count() == 1

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ({"steps": [StepDraft("일", "company", date(2027, 1, 31))]}, errors.DuePast),
            ({"steps": [StepDraft("일", "company", date(9999, 12, 31))]}, errors.DuePast),
            ({"steps": [StepDraft("일", "nobody", DUE)]}, Invalid),
            ({"steps": [StepDraft(" ", "company", DUE)]}, Invalid),
            ({"steps": [StepDraft("일", "company", DUE, 10**9)]}, errors.StepUnknown),
            ({"steps": [StepDraft(f"일 {n}", "company", DUE) for n in range(21)]}, errors.TooManySteps),
            ({"field": "magic"}, Invalid),
            ({"field": ""}, Invalid),
            (
                {"files": [SimpleUploadedFile("a.svg", b"<svg><script>alert(1)</script></svg>")]},
                FileNotAllowed,
            ),
            (
                {"files": [SimpleUploadedFile("a.png", b"<svg><script>alert(1)</script></svg>")]},
                FileNotAllowed,
            ),
        ],
    )
    def test_refusals_leave_nothing(self, booking, person, values, error):
        with pytest.raises(error):
            write(booking, person, **values)
        assert not SessionReport.objects.exists()
        assert not NextStep.objects.exists()

    def test_only_about_the_same_company_can_advice_differ(self, booking, person, company):
        other = SessionReportFactory()
        with pytest.raises(errors.OtherCompanysReport):
            write(booking, person, differs_from=other)
        before = SessionReportFactory(booking=BookingFactory(company=company, state="held"))
        report = write(booking, person, differs_from=before)
        found = ledger_of(SessionReport.objects.whole().filter(company=company))
        assert [topic.disputed for topic in found.topics] == [True]
        said = {each.report.pk: each.against for voice in found.topics[0].voices for each in voice.said}
        assert said == {report.pk: [before], before.pk: [report]}
        with pytest.raises(IntegrityError, match="differs_within_company"):
            SessionReport.objects.filter(pk=report.pk).update(differs_from=other)


class TestSteps:
    @pytest.mark.parametrize(("owner", "may"), [("company", True), ("adviser", False), ("office", False)])
    def test_a_founder_closes_what_is_the_companys(self, founder, company, booking, owner, may):
        step = NextStepFactory(report=SessionReportFactory(booking=booking), owner=owner)
        role = database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk])
        if not may:
            with pytest.raises(NotAllowed), role:
                services.finish_step(step=step, actor=founder, now=NOW)
            # The wall says the same.
            with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
                assert NextStep.objects.update(state="done", closed_at=NOW) == 0
            return
        with role:
            for _ in range(5):
                done = services.finish_step(step=step, actor=founder, now=NOW)
            with pytest.raises(errors.StepClosed):
                services.drop_step(step=step, reason="변경", actor=founder, now=NOW)
        assert (done.state, done.closed_by, done.closed_at) == ("done", founder, NOW)
        assert NextStep.pgh_event_model.objects.count() == 2

    def test_dropping_says_why(self, person, booking):
        step = NextStepFactory(report=SessionReportFactory(booking=booking))
        with pytest.raises(errors.ReasonMissing):
            services.drop_step(step=step, reason=" ", actor=person, now=NOW)
        for actor in (adviser_person(), founder_of(CompanyFactory())):
            with pytest.raises(NotAllowed):
                services.drop_step(step=step, reason="변경", actor=actor, now=NOW)
        dropped = services.drop_step(step=step, reason="변경", actor=person, now=NOW)
        assert (dropped.state, dropped.reason) == ("dropped", "변경")


class TestRating:
    def rate(self, booking, founder, stars, now=NOW, **values):
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[booking.company_id]):
            return services.rate_session(booking=booking, stars=stars, actor=founder, now=now, **values)

    def test_once_and_corrected_for_a_fortnight(self, booking, founder):
        for _ in range(5):
            self.rate(booking, founder, 2, words="아쉬웠습니다.")
        assert SessionRating.pgh_event_model.objects.count() == 1
        self.rate(booking, founder, 4, now=NOW + timedelta(days=14))
        with pytest.raises(errors.RatingClosed):
            self.rate(booking, founder, 5, now=NOW + timedelta(days=14, seconds=1))
        assert SessionRating.objects.get().stars == 4

    def test_refusals(self, booking, founder, person, company):
        for stars in (0, 6):
            with pytest.raises(Invalid):
                self.rate(booking, founder, stars)
        for actor in (person, founder_of(CompanyFactory()), staff_member(StaffGroup.CONSULTING)):
            with pytest.raises(NotAllowed):
                services.rate_session(booking=booking, stars=5, actor=actor, now=NOW)
        with pytest.raises(errors.SessionAhead):
            self.rate(BookingFactory(company=company, slot__starts=at(3, 9)), founder, 5)
        with pytest.raises(errors.AlreadyCancelled):
            self.rate(cancelled(company=company, slot__starts=at(1, 9)), founder, 5)

    def test_an_adviser_learns_a_mean_of_whole_fives_and_no_single_one(self, adviser, person):
        def mean():
            with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
                found = selectors.own_rating()
            return found and (found.ratings, float(found.mean))

        shown = []
        for hour, stars in enumerate((1, 2, 3, 4, 4, 5, 5)):
            RatingFactory(
                booking=BookingFactory(slot__adviser=adviser, slot__starts=at(1, hour), state="held"),
                stars=stars,
                rated_at=NOW + timedelta(hours=hour),
            )
            shown.append(mean())
        assert shown == [None] * 4 + [(5, 2.8)] * 3
        with database_role(Role.ADVISER, user_id=0, adviser_id=AdviserFactory().pk):
            assert selectors.own_rating() is None
        text = sign_in(Client(), person).get(reverse("advise:home")).text
        assert "2.8" in text


class TestReminders:
    """Reports a day, three days and a week after; steps when they are due."""

    def runs(self, *days):
        """The days after the session of which runs sent a mail; each run is tried twice."""
        sent = []
        for day in days:
            moment = at(1, 12) + timedelta(days=day)
            if services.chase_reports(now=moment):
                sent.append(day)
            assert services.chase_reports(now=moment + timedelta(minutes=5)) == 0
        return sent

    def test_days_1_3_and_7_each_once(self, booking):
        assert self.runs(*range(12)) == [1, 3, 7]
        assert [mail.address for mail in Mail.objects.all()] == [booking.adviser.email] * 3

    def test_an_outage_is_made_good_by_one_mail(self, booking):
        assert self.runs(5, 6, 20, 21) == [5, 20]

    def test_what_is_a_month_old_or_written_or_missed_is_left_alone(self, booking, adviser):
        assert self.runs(31) == []
        SessionReportFactory(booking=booking)
        BookingFactory(slot__adviser=adviser, slot__starts=at(1, 9), state="missed")
        cancelled(slot__adviser=adviser, slot__starts=at(1, 10))
        BookingFactory(slot__adviser=AdviserFactory(active=False), slot__starts=at(1, 10), state="held")
        assert self.runs(1, 3, 7) == []

    def test_one_mail_a_day_tells_of_all_sessions(self, booking, adviser):
        second = BookingFactory(slot__adviser=adviser, slot__starts=at(1, 9))
        assert services.chase_reports(now=at(2, 9)) == 1
        body = Mail.objects.get().body
        assert booking.company.name in body
        assert second.company.name in body
        # One that comes to a stage later on a day that had its mail waits for the next day.
        SessionReportFactory(booking=booking)
        BookingFactory(slot__adviser=adviser, slot__starts=at(1, 7), state="held")
        assert services.chase_reports(now=at(2, 15)) == 0
        assert services.chase_reports(now=at(3, 9)) == 1

    def test_a_step_once_when_it_is_due(self, booking, founder, person, django_capture_on_commit_callbacks):
        report = SessionReportFactory(booking=booking)
        manager = staff_member(StaffGroup.CONSULTING)
        steps = {
            owner: NextStepFactory(report=report, owner=owner) for owner in ("company", "adviser", "office")
        }
        NextStepFactory(report=report, state="done", closed_at=NOW)
        assert services.remind_of_steps(now=at(14, 9)) == 0
        assert services.remind_of_steps(now=at(17, 9)) == 3
        assert services.remind_of_steps(now=at(18, 9)) == 0
        told = {mail.address: mail.body for mail in Mail.objects.all()}
        assert set(told) == {booking.attendee.email, booking.adviser.email, manager.email}
        assert steps["adviser"].text in told[booking.adviser.email]
        assert steps["company"].text not in told[booking.adviser.email]
        later = StepDraft(steps["company"].text, "company", date(2027, 3, 1), steps["company"].pk)
        write(booking, person, steps=[later], now=at(18, 10))
        assert services.remind_of_steps(now=at(1, 9, month=3)) == 1


THINGS = ("질문표", "첨부표", "보고표", "자료표", "쪽지표", "평가표", "메모표", "과제표")
QUESTION, ATTACHMENT, REPORT, FILE, NOTE, RATING, OWN, STEPS = THINGS
SHARED = {REPORT, FILE, STEPS}
# Whoever reads one of these things, on any page, file, list or answer of theirs.
READERS = {
    "founder": {QUESTION, ATTACHMENT, RATING, OWN, *SHARED},
    "founder of another company": set(),
    "attending adviser": {QUESTION, ATTACHMENT, NOTE, *SHARED},
    "next adviser": SHARED,
    "asked adviser": set(),
    "unrelated adviser": set(),
    "manager of consulting": {QUESTION, NOTE, RATING, *SHARED},
    "manager of leases": {QUESTION, *SHARED},
    "investor": set(),
    "anonymous": set(),
}


@pytest.fixture
def told(company, adviser):
    """A company with one of everything, each marked with its own word; and everyone who may come by."""
    from django.core.files.base import ContentFile

    from tenants.consulting.models import BookingFile
    from tests.factories.firms import FirmFactory, investor_of

    now = timezone.now()
    of = {"company": company, "adviser": adviser}
    held = BookingFactory(
        company=company,
        slot__adviser=adviser,
        slot__starts=now - timedelta(days=3),
        state="held",
        topic=f"{QUESTION}입니다",
    )
    stored = {"content_type": "text/plain", "size": 9, "added_at": now}
    BookingFile.objects.create(
        booking=held,
        company=company,
        file=ContentFile(ATTACHMENT.encode(), name="a.txt"),
        name="a.txt",
        **stored,
    )
    report = SessionReportFactory(booking=held, advice=f"{REPORT}입니다", written_at=now)
    NextStepFactory(report=report, text=STEPS)
    ReportFile.objects.create(
        report=report, **of, file=ContentFile(FILE.encode(), name="b.txt"), name="b.txt", sha256="1", **stored
    )
    ReportNote.objects.create(report=report, **of, text=NOTE, written_at=now)
    RatingFactory(booking=held, words=RATING, rated_at=now)
    CompanyNote.objects.create(booking=held, **of, text=OWN, written_at=now)
    following, asked = AdviserFactory(), AdviserFactory()
    BookingFactory(
        company=company, slot__adviser=following, slot__starts=now + timedelta(days=2), topic="다음"
    )
    BookingFactory(
        company=company,
        slot__adviser=asked,
        slot__starts=now + timedelta(days=4),
        topic="요청",
        state="requested",
        expires_at=now + timedelta(days=1),
    )
    elsewhere = CompanyFactory()
    BookingFactory(company=elsewhere, slot__adviser=adviser, slot__starts=now + timedelta(days=6))
    return {
        "founder": founder_of(company),
        "founder of another company": founder_of(elsewhere),
        "attending adviser": adviser_person(adviser),
        "next adviser": adviser_person(following),
        "asked adviser": adviser_person(asked),
        "unrelated adviser": adviser_person(),
        "manager of consulting": staff_member(StaffGroup.CONSULTING),
        "manager of leases": staff_member(StaffGroup.LEASES),
        "investor": investor_of(FirmFactory()),
        "anonymous": None,
    }


def _addresses(place):
    """Every page, file and list of a place, and every answer to machines, that is about these things."""
    from tenants.consulting.models import BookingFile

    report, step = SessionReport.objects.get(), NextStep.objects.get()
    kept = {"file": BookingFile.objects.get(), "report_file": ReportFile.objects.get(), "step_drop": step}
    sessions = list(Booking.objects.values_list("pk", flat=True))
    if place in ("consulting", "advise"):
        yield from (reverse(f"{place}:{name}") for name in ("home", "steps"))
        yield from (reverse(f"{place}:{name}", args=[thing.pk]) for name, thing in kept.items())
        yield from (reverse(f"{place}:booking", args=[pk]) for pk in sessions)
    if place == "consulting":
        yield from (reverse(name) for name in ("consulting:sessions", "consulting:ledger", "portal:home"))
    if place == "advise":
        yield from (reverse(f"advise:{name}", args=[pk]) for name in ("report", "prepare") for pk in sessions)
    if place == "admin":
        for name, pk in (("booking", report.pk), ("sessionreport", report.pk), ("nextstep", step.pk)):
            yield reverse(f"admin:consulting_{name}_changelist")
            yield reverse(f"admin:consulting_{name}_change", args=[pk])
        yield reverse("admin:consulting_report_file", args=[kept["report_file"].pk])
        yield reverse("admin:consulting_report_ledger", args=[report.company_id])
    for name, pk in (("booking", report.pk), ("session-report", report.pk), ("next-step", step.pk)):
        yield reverse(f"api:{name}-list")
        yield reverse(f"api:{name}-detail", args=[pk])


def test_who_reads_what(told):
    found = {}
    for who, user in told.items():
        client = sign_in(Client(), user) if user else Client()
        place = {"founder": "consulting", "adviser": "advise", "manager": "admin"}
        of = next((address for word, address in place.items() if word in who), "consulting")
        answers = [client.get(address) for address in _addresses(of)]
        text = "".join(
            (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
            for answer in answers
        )
        found[who] = {thing for thing in THINGS if thing in text}
        assert {answer.status_code for answer in answers} <= {200, 302, 401, 403, 404}
    assert found == READERS


def test_the_walls_say_the_same_however_a_page_forgets(told, company, adviser):
    """For each database role which of the tables it finds anything in; None where it may not even ask."""
    tables = (SessionReport, ReportFile, NextStep, ReportNote, SessionRating, CompanyNote)
    others = CompanyFactory()
    following = told["next adviser"].adviser.pk

    def seen(role, **scope):
        found = []
        for model in tables:
            try:
                with database_role(role, user_id=0, **scope):
                    found.append(model.objects.exists())
            except ProgrammingError:
                found.append(None)
        return found

    assert seen(Role.FOUNDER, company_ids=[company.pk]) == [True, True, True, None, True, True]
    assert seen(Role.FOUNDER, company_ids=[others.pk]) == [False, False, False, None, False, False]
    assert seen(Role.ADVISER, adviser_id=adviser.pk) == [True, True, True, True, None, None]
    assert seen(Role.ADVISER, adviser_id=following) == [True, True, True, False, None, None]
    assert seen(Role.ADVISER, adviser_id=AdviserFactory().pk) == [False, False, False, False, None, None]
    assert seen(Role.STAFF) == [True, True, True, True, True, None]
    assert seen(Role.INVESTOR, firm_ids=[1]) == seen(Role.PUBLIC) == [None] * 6


HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def soon(hours):
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


class TestPages:
    @pytest.fixture
    def over(self, company, adviser):
        return BookingFactory(
            company=company, slot__adviser=adviser, slot__starts=soon(-48), state="held", topic=HTML
        )

    def sent(self, **values):
        due = f"{timezone.localdate() + timedelta(days=9):%Y.%m.%d}"
        row = {"steps": "1", "steps-0-text": HTML, "steps-0-owner": "company", "steps-0-due_on": due}
        return {"field": "ai", "advice": HTML, "note": HTML, **row, **values}

    def test_html_stays_text_and_clicks_count_once(self, as_adviser, as_founder, as_manager, over, adviser):
        address = reverse("advise:report", args=[over.pk])
        for _ in range(5):
            assert as_adviser.post(address, self.sent()).status_code == 302
        assert NextStep.objects.count() == 1
        page = reverse("consulting:booking", args=[over.pk])
        for _ in range(5):
            values = {"rating-stars": "3", "rating-words": HTML}
            assert as_founder.post(reverse("consulting:rate", args=[over.pk]), values).status_code == 302
        note = {"notes-text": HTML}
        assert as_founder.post(reverse("consulting:notes", args=[over.pk]), note).status_code == 302
        step = NextStep.objects.get()
        shown = [
            (as_adviser, reverse("advise:booking", args=[over.pk])),
            (as_adviser, address),
            (as_adviser, reverse("advise:prepare", args=[over.pk])),
            (as_adviser, reverse("advise:steps")),
            (as_founder, page),
            (as_founder, reverse("consulting:ledger")),
            (as_founder, reverse("consulting:steps")),
            (as_founder, reverse("portal:home")),
            (as_manager, reverse("admin:consulting_sessionreport_change", args=[over.pk])),
            (as_manager, reverse("admin:consulting_nextstep_change", args=[step.pk])),
            (as_manager, reverse("admin:consulting_nextstep_done", args=[step.pk])),
            (as_manager, reverse("admin:consulting_report_ledger", args=[over.company_id])),
            (as_manager, reverse("admin:consulting_booking_change", args=[over.pk])),
        ]
        for client, url in shown:
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert "&lt;script&gt;" in answer.text, url
            assert "<script>alert" not in answer.text, url
            assert "<img src=x" not in answer.text, url
        for _ in range(5):
            done = as_founder.post(reverse("consulting:step_done", args=[step.pk]))
            assert done.url == reverse("consulting:steps")
        assert SessionRating.pgh_event_model.objects.count() == 1
        assert NextStep.pgh_event_model.objects.count() == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"steps-0-due_on": "2027-02-31"},
            {"steps-0-due_on": "2020-01-01"},
            {"steps-0-due_on": ""},
            {"steps-0-owner": "investor"},
            {"steps-0-step": "999999"},
            {"steps-0-step": "x"},
            {"field": "magic"},
            {"advice": ""},
            {"differs_from": "5"},
        ],
    )
    def test_what_is_no_report_is_refused_and_stays_typed(self, as_adviser, over, company, change):
        SessionReportFactory(booking=BookingFactory(company=company, slot__starts=soon(-90), state="held"))
        answer = as_adviser.post(reverse("advise:report", args=[over.pk]), self.sent(**change))
        assert answer.status_code == 422
        assert "&lt;script&gt;" in answer.text
        assert not SessionReport.objects.filter(booking=over).exists()

    def test_rows_are_added_without_judging_and_nonsense_counts_as_none(self, as_adviser, over):
        address = reverse("advise:report", args=[over.pk])
        answer = as_adviser.post(address, self.sent(more="1", **{"steps-0-due_on": "x"}))
        assert (answer.status_code, len(answer.context["rows"].rows)) == (200, 2)
        assert not answer.context["form"].errors
        for number in ("-1", "9" * 40, "x", ""):
            assert as_adviser.post(address, self.sent(steps=number)).status_code == 302
        assert NextStep.objects.count() == 0

    def test_an_svg_with_a_script_is_refused(self, as_adviser, over):
        file = SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
        answer = as_adviser.post(reverse("advise:report", args=[over.pk]), self.sent(file=file))
        assert answer.status_code == 422
        assert not ReportFile.objects.exists()

    def test_cost_as_many_statements_for_many_as_for_one(
        self, as_adviser, as_founder, over, company, adviser
    ):
        coming = BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(30))

        def fill(hours):
            for hour in hours:
                held = BookingFactory(company=company, slot__starts=soon(-hour), state="held")
                step = NextStepFactory(report=SessionReportFactory(booking=held))
                NextStepFactory(report=step.report, owner="adviser", state="done", closed_at=NOW)

        NextStepFactory(report=SessionReportFactory(booking=over), owner="adviser")
        RatingFactory(booking=over)
        pages = [
            (as_founder, reverse("consulting:booking", args=[over.pk])),
            (as_founder, reverse("consulting:ledger")),
            (as_founder, reverse("consulting:steps")),
            (as_founder, reverse("consulting:sessions")),
            (as_founder, reverse("consulting:home")),
            (as_founder, reverse("api:session-report-list")),
            (as_founder, reverse("api:next-step-list")),
            (as_founder, reverse("api:booking-list")),
            (as_adviser, reverse("advise:home")),
            (as_adviser, reverse("advise:booking", args=[over.pk])),
            (as_adviser, reverse("advise:booking", args=[coming.pk])),
            (as_adviser, reverse("advise:report", args=[over.pk])),
            (as_adviser, reverse("advise:prepare", args=[coming.pk])),
            (as_adviser, reverse("advise:steps")),
        ]
        fill([60])
        few = {url: cost(client, url) for client, url in pages}
        fill([70, 80, 90])
        assert {url: cost(client, url) for client, url in pages} == few
        assert max(few.values()) <= 12, few


class TestApi:
    def test_a_report_is_written_corrected_and_its_step_done(self, as_adviser, as_founder, booking):
        values = {
            "booking": booking.pk,
            "field": "legal",
            "advice": "계약서를 고치십시오.",
            "steps": [{"text": "초안", "owner": "company", "due_on": f"{timezone.localdate():%Y-%m-%d}"}],
            "note": "우리끼리",
        }
        address = reverse("api:session-report-list")
        assert as_founder.post(address, values, content_type="application/json").status_code == 403
        missing = as_adviser.post(address, {**values, "booking": 10**9}, content_type="application/json")
        assert missing.status_code == 404
        early = as_adviser.post(address, values, content_type="application/json")
        assert (early.status_code, early.json()["code"]) == (409, "session_ahead")

    def test_after_it(self, as_adviser, as_founder, company, adviser):
        over = BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(-48), state="held")
        values = {
            "booking": over.pk,
            "field": "legal",
            "advice": "계약서를 고치십시오.",
            "steps": [{"text": "초안", "owner": "company", "due_on": f"{timezone.localdate():%Y-%m-%d}"}],
            "note": "우리끼리",
        }
        address = reverse("api:session-report-list")
        made = as_adviser.post(address, values, content_type="application/json")
        assert made.status_code == 201
        again = as_adviser.post(address, values, content_type="application/json")
        assert (again.status_code, again.json()) == (200, made.json())
        shown = as_founder.get(made["Location"]).json()
        assert (shown["advice"], [step["text"] for step in shown["steps"]]) == (values["advice"], ["초안"])
        assert "우리끼리" not in as_founder.get(made["Location"]).text
        (step,) = as_founder.get(reverse("api:next-step-list")).json()["results"]
        done = as_founder.post(reverse("api:next-step-done", args=[step["id"]]))
        assert (done.status_code, done.json()["state"]) == (200, "done")
        drop = as_founder.post(
            reverse("api:next-step-drop", args=[step["id"]]), {"reason": "x"}, content_type="application/json"
        )
        assert (drop.status_code, drop.json()["code"]) == (409, "step_closed")
        stranger = sign_in(Client(), founder_of(CompanyFactory()))
        assert stranger.post(reverse("api:next-step-done", args=[step["id"]])).status_code == 404
