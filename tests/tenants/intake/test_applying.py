"""From the address to the submission, as an applicant with a browser does it."""

import io
import re
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client
from django.urls import reverse
from PIL import Image

from incubator.common.dbroles import Role, applying, database_role
from incubator.common.errors import NotAllowed
from incubator.common.uploads import FileNotAllowed, NameNotContent, NotAPicture
from tenants.intake import errors, services
from tenants.intake.enums import QuestionKind
from tenants.intake.links import MOST_LINKS_AN_HOUR, Bearer
from tenants.intake.models import AccessLink, Applicant, Application, ApplicationFile, Call, Letter
from tenants.intake.residents import HIDDEN
from tests.factories.intake import (
    begin,
    close,
    mailed_link,
    make_call,
    now,
    question,
    secret_of,
    submitted,
    typed,
    upload,
)
from tests.queries import cost

pytestmark = pytest.mark.django_db
MINE = "/apply/mine/"


@pytest.fixture
def call() -> Call:
    return make_call()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "ko"})


def enter(visitor: Client, application: Application) -> Client:
    visitor.get(reverse("intake:enter", args=[secret_of(application)]))
    return visitor


def test_the_whole_way(call, visitor, django_capture_on_commit_callbacks):
    page = visitor.get(reverse("intake:call", args=[call.slug]))
    assert page.status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        visitor.post(reverse("intake:call", args=[call.slug]), {"email": "Apply@Hana.example "})
    assert mail.outbox[-1].to == ["apply@hana.example"]
    assert visitor.get(mailed_link()).headers["location"] == MINE
    draft = typed(call, "하나로봇")
    assert visitor.post(MINE, {**draft, "action": "save"}).status_code == 302
    assert "하나로봇" in visitor.get(MINE).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert visitor.post(MINE, {**draft, "action": "submit"}).status_code == 302
    application = Application.objects.get()
    assert (application.state, application.number, application.sectors) == ("submitted", 1, ["healthcare"])
    assert application.applicant.name == "하나로봇"
    assert list(application.team.values_list("name", "email")) == [("박두리", "duri@hana.example")]
    assert application.consents.get().version
    assert mail.outbox[-1].to == ["apply@hana.example"]
    assert "하나로봇" in mail.outbox[-1].body
    assert visitor.get(MINE).templates[0].name == "tenants/intake/standing.html"


def test_a_known_and_an_unknown_address_get_the_same_answer(call, visitor):
    begin(call, "known@hana.example")
    url = reverse("intake:call", args=[call.slug])
    pages = []
    for address in ("known@hana.example", "other@hana.example"):
        text = visitor.post(url, {"email": address}).content.decode()
        pages.append(re.sub(r'Token": "\w+"|value="\w{64}"', "", text).replace(address, ""))
    assert pages[0] == pages[1]


def test_links_are_mailed_five_times_an_hour(call, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(MOST_LINKS_AN_HOUR + 3):
            services.ask_for_link(
                call=call, email="a@b.example", language="en", base_url="http://c.test", now=now()
            )
    assert len(mail.outbox) == MOST_LINKS_AN_HOUR
    assert Application.objects.count() == 1
    later = now() + timedelta(hours=1, minutes=1)
    services.ask_for_link(call=call, email="a@b.example", language="en", base_url="http://c.test", now=later)
    assert AccessLink.objects.count() == MOST_LINKS_AN_HOUR + 1


def test_secrets_are_kept_as_hashes_only(call, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        begin(call)
    secret = mailed_link().split("/")[-2]
    assert secret not in str(list(AccessLink.objects.values()))
    assert not Letter.objects.filter(body__contains=secret).exists()


def test_an_expired_link_is_refused_and_a_new_one_opens_the_same_draft(call, visitor):
    application, bearer = begin(call)
    services.save_draft(application=application, draft={"name": "남아있음"}, actor=bearer, now=now())
    old = secret_of(application)
    AccessLink.objects.update(expires_at=now() - timedelta(seconds=1))
    assert visitor.get(reverse("intake:enter", args=[old])).status_code == 410
    enter(visitor, application)
    assert "남아있음" in visitor.get(MINE).content.decode()
    AccessLink.objects.update(expires_at=now() - timedelta(seconds=1))
    assert visitor.get(MINE).status_code == 410


@pytest.mark.parametrize(
    ("late", "passes"),
    [(timedelta(), True), (timedelta(microseconds=1), False), (timedelta(seconds=1), False)],
)
def test_the_last_moment_counts(call, late, passes):
    application, bearer = begin(call)
    services.save_draft(application=application, draft=typed(call, "마감"), actor=bearer, now=call.closes_at)
    with nullcontext() if passes else pytest.raises(errors.TooLate):
        services.submit_application(application=application, actor=bearer, now=call.closes_at + late)
    assert Applicant.objects.get().draft["name"] == "마감"
    assert Application.objects.get().state == ("submitted" if passes else "draft")


def test_the_database_measures_the_moment_too(call):
    application, _bearer = begin(call)
    for moment in (call.closes_at + timedelta(seconds=1), call.opens_at - timedelta(seconds=1)):
        with pytest.raises(IntegrityError, match="not open"), database_role(Role.STAFF):
            Application.objects.filter(pk=application.pk).update(state="submitted", submitted_at=moment)
    Application.objects.filter(pk=application.pk).update(state="submitted", submitted_at=call.closes_at)


def test_a_page_that_was_left_open_says_that_it_is_too_late_and_keeps_everything(call, visitor):
    application, _bearer = begin(call)
    enter(visitor, application)
    draft = typed(call, "늦은회사")
    close(call, "open")
    page = visitor.post(MINE, {**draft, "action": "submit"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "늦은회사" in text
    application.refresh_from_db()
    assert (application.state, application.applicant.draft["name"]) == ("draft", "늦은회사")


def test_too_early(call):
    application, bearer = begin(call)
    services.save_draft(application=application, draft=typed(call, "이른"), actor=bearer, now=now())
    with pytest.raises(errors.TooEarly):
        services.submit_application(
            application=application, actor=bearer, now=call.opens_at - timedelta(seconds=1)
        )


def test_an_incomplete_one_names_what_is_missing_and_loses_nothing(call, visitor):
    application, bearer = begin(call)
    enter(visitor, application)
    half = {**typed(call, "반만"), "representative": "", "founded_on": "2025-13-40", "action": "submit"}
    text = visitor.post(MINE, half).content.decode()
    assert "2025-13-40" in text
    application.refresh_from_db()
    assert application.state == "draft"
    with pytest.raises(errors.Incomplete) as refusal:
        services.submit_application(application=application, actor=bearer, now=now())
    assert len(str(refusal.value).split(", ")) == 2


def test_autosave_keeps_what_is_wrong_and_tells_how_far_it_is(call, visitor):
    application, _bearer = begin(call)
    enter(visitor, application)
    url = reverse("intake:autosave")
    page = visitor.post(url, {"name": "자동저장", "contact_email": "no address"})
    assert page.status_code == 200
    assert Applicant.objects.get().draft["contact_email"] == "no address"
    assert "9개 중 2개" in page.content.decode()
    visitor.post(url, typed(call, "자동저장"))
    from tenants.intake.questionnaire import bound, progress_of, questions_of

    progress = progress_of(bound(questions_of(call), Applicant.objects.get().draft, []))
    assert (progress.answered, progress.asked, progress.complete) == (9, 9, True)


def test_resident_registration_numbers_are_never_kept(call, visitor):
    application, _bearer = begin(call)
    enter(visitor, application)
    draft = typed(call, "주민")
    draft["summary"] = "대표 900101-1234567 입니다"
    page = visitor.post(MINE, {**draft, "action": "submit"})
    assert page.status_code == 200
    kept = Applicant.objects.get().draft
    assert kept["summary"] == f"대표 {HIDDEN} 입니다"
    assert "1234567" not in str(list(Applicant.objects.values())) + page.content.decode()
    application.refresh_from_db()
    assert application.state == "draft"
    visitor.post(MINE, {**draft, "summary": "대표 소개", "action": "submit"})
    application.refresh_from_db()
    assert application.state == "submitted"


def test_a_business_number_without_its_check_digit_is_refused_and_none_is_fine(call):
    application, bearer = begin(call)
    wrong = typed(call, "번호", business_number="101-81-34618")
    services.save_draft(application=application, draft=wrong, actor=bearer, now=now())
    with pytest.raises(errors.Incomplete):
        services.submit_application(application=application, actor=bearer, now=now())
    assert submitted(call, "예비", None, email="pre@naver.com").applicant.business_number == ""


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("plan.pdf", b"MZ\x90\x00 a program", FileNotAllowed),
        ("photo.png", b"%PDF-1.4 not a picture", NameNotContent),
        (
            "logo.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            FileNotAllowed,
        ),
        ("photo.heic", b"<svg><script>alert(1)</script></svg>", NotAPicture),
    ],
)
def test_what_a_file_is_decides_not_its_name(call, name, content, refusal):
    asked = question(call, QuestionKind.FILE)
    application, bearer = begin(call)
    with pytest.raises(refusal):
        services.attach_file(
            application=application, question=asked, file=upload(name, content), actor=bearer, now=now()
        )
    assert not ApplicationFile.objects.exists()


def test_a_refused_file_loses_nothing_that_was_typed(call, visitor):
    asked = question(call, QuestionKind.FILE, "계획서")
    application, _bearer = begin(call)
    enter(visitor, application)
    bad = upload("logo.svg", b"<svg><script>x</script></svg>")
    page = visitor.post(MINE, {**typed(call, "파일"), asked.field: bad, "action": "submit"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "계획서" in text
    assert "logo.svg" in text
    assert Applicant.objects.get().draft["name"] == "파일"
    visitor.post(MINE, {**typed(call, "파일"), asked.field: upload(), "action": "submit"})
    application.refresh_from_db()
    assert (application.state, application.files.get().name) == ("submitted", "plan.pdf")
    own = visitor.get(reverse("intake:own_file", args=[application.files.get().pk]))
    assert own.headers["content-type"] == "application/pdf"


def test_a_thirty_megabyte_photograph_is_refused_in_words(call, visitor):
    asked = question(call, QuestionKind.FILE)
    application, _bearer = begin(call)
    enter(visitor, application)
    huge = upload("photo.jpg", b"\xff\xd8\xff" + bytes(30 * 1024 * 1024))
    page = visitor.post(MINE, {**typed(call, "큰사진"), asked.field: huge, "action": "save"})
    assert (page.status_code, "20MB" in page.content.decode()) == (200, True)
    assert (Applicant.objects.get().draft["name"], ApplicationFile.objects.count()) == ("큰사진", 0)


def test_a_photograph_of_a_phone_is_drawn_anew(call):
    asked = question(call, QuestionKind.FILE)
    application, bearer = begin(call)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "HEIF")
    attached = services.attach_file(
        application=application,
        question=asked,
        file=upload("사진.HEIC", picture.getvalue()),
        actor=bearer,
        now=now(),
    )
    assert (attached.name, attached.content_type) == ("사진.webp", "image/webp")


def test_withdrawn_and_begun_again(call, visitor):
    application = submitted(call, "취소", email="again@hana.example")
    services.withdraw_application(application=application, actor=Bearer(application.pk), now=now())
    services.ask_for_link(
        call=call, email="again@hana.example", language="ko", base_url="http://c.test", now=now()
    )
    application.refresh_from_db()
    assert application.state == "draft"
    services.submit_application(application=application, actor=Bearer(application.pk), now=now())
    application.refresh_from_db()
    assert (application.state, application.number) == ("submitted", 1)
    assert list(application.steps.values_list("to_state", flat=True)) == [
        "draft", "submitted", "withdrawn", "draft", "submitted",
    ]  # fmt: skip
    assert application.letters.filter(kind="receipt").count() == 2


def test_somebody_elses_application_does_not_exist(call, visitor):
    mine, theirs = submitted(call, "내것", 1), submitted(call, "남의것", 2)
    enter(visitor, mine)
    assert "남의것" not in visitor.get(MINE).content.decode()
    with pytest.raises(NotAllowed):
        services.withdraw_application(application=theirs, actor=Bearer(mine.pk), now=now())


def test_the_walls_show_one_application_whatever_the_code_asks(call):
    from incubator.accounts.tokens import hash_of

    mine, theirs = submitted(call, "내것", 1), submitted(call, "남의것", 2)
    secret = secret_of(mine)
    with database_role(Role.PUBLIC):
        assert list(Applicant.objects.values_list("name", flat=True)) == []
        with applying(hash_of(secret)):
            assert list(Applicant.objects.values_list("name", flat=True)) == ["내것"]
            assert list(Application.objects.values_list("pk", flat=True)) == [mine.pk]
            assert Applicant.objects.filter(application=theirs).update(name="x") == 0
        assert list(Applicant.objects.values_list("name", flat=True)) == []
        with applying(hash_of("guess")):
            assert list(Applicant.objects.values_list("name", flat=True)) == []


@pytest.mark.parametrize("state", ["eligible", "accepted", "waiting"])
def test_an_applicant_decides_nothing(call, state):
    from incubator.accounts.tokens import hash_of

    application = submitted(call)
    secret = secret_of(application)
    with (
        pytest.raises(DatabaseError, match="decides nothing"),
        database_role(Role.PUBLIC),
        applying(hash_of(secret)),
    ):
        Application.objects.filter(pk=application.pk).update(state=state, waiting_order=1)


def test_what_managers_note_is_no_column_of_the_applicants(call):
    from incubator.accounts.tokens import hash_of

    application = submitted(call)
    secret = secret_of(application)
    for columns in ("reason", "place_free_at"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            database_role(Role.PUBLIC),
            applying(hash_of(secret)),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SELECT {columns} FROM intake_application")


def test_a_public_visitor_without_a_link_is_sent_to_the_calls(visitor):
    assert visitor.get(MINE).status_code == 302
    assert visitor.post(reverse("intake:withdraw")).status_code == 302


def test_pages_cost_the_same_with_more(call, visitor):
    application, _bearer = begin(call)
    enter(visitor, application)
    before = [cost(visitor, path) for path in ("/apply/", f"/apply/{call.slug}/", MINE)]
    for number in range(3):
        make_call()
        question(call, QuestionKind.SHORT, f"더 {number}")
    after = [cost(visitor, path) for path in ("/apply/", f"/apply/{call.slug}/", MINE)]
    assert before == after
    assert max(after) <= 12


def test_the_standing_page_costs_at_most_a_dozen(call, visitor):
    application = submitted(call)
    enter(visitor, application)
    assert cost(visitor, MINE) <= 12
