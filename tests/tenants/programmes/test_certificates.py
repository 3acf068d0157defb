"""What suffices for a certificate, and that there is one of it."""

import pytest

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from tenants.papers.models import Paper
from tenants.papers.selectors import face_of
from tenants.programmes import services
from tenants.programmes.errors import AttendanceTooLow, NotAParticipant, NotOver
from tenants.programmes.models import Meeting
from tenants.programmes.selectors import share_of
from tests.factories.accounts import acting_staff
from tests.factories.consulting import at
from tests.factories.programmes import SignUpFactory, attend, programme

pytestmark = pytest.mark.django_db

LATER = at(1, 10, month=4)
FIVE = [at(day, 14) for day in (11, 12, 18, 19, 25)]


def over(**values):
    return programme(*FIVE, state="over", seats=5, **values)


def certify(sign_up, actor=None, language="ko"):
    return services.issue_certificate(
        sign_up=sign_up, language=language, actor=actor or acting_staff("consulting"), now=LATER
    )


@pytest.mark.parametrize(
    ("presences", "meetings", "per_cent", "suffices"),
    [
        (["present"] * 4, 5, 80, True),
        (["present", "late", "late", "late"], 5, 80, True),
        (["present"] * 3 + ["absent"] * 2, 5, 60, False),
        (["present"] * 3 + ["excused"], 5, 75, False),  # 3 of 4
        (["present"] * 3 + ["excused"] * 2, 5, 100, True),
        (["excused"] * 5, 5, 0, False),  # nothing was attended
        ([], 0, 0, False),
        (["present"] * 79 + ["absent"] * 21, 100, 79, False),
        (["present"] * 7, 9, 77, False),
    ],
)
def test_the_share_that_counts(presences, meetings, per_cent, suffices):
    share = share_of(presences, meetings)
    assert (share.per_cent, share.suffices(80)) == (per_cent, suffices)


def test_two_thirds_are_two_thirds_to_the_fraction():
    assert share_of(["present"] * 2, 3).suffices(66)
    assert not share_of(["present"] * 2, 3).suffices(67)


def test_a_founder_has_the_certificate_once_and_again_the_same_paper():
    sign_up = SignUpFactory(programme=over())
    attend(sign_up, *["present"] * 4, "absent")
    founder = sign_up.person
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[sign_up.company_id]):
        made = certify(sign_up, founder)
        again = certify(sign_up, founder, "en")
    assert (again.paper_id, again.shown_number) == (made.paper_id, "2027-0001")
    paper = Paper.objects.get()
    assert (paper.kind, paper.company_id) == ("programme", sign_up.company_id)
    facts = dict(face_of(paper.code).facts)
    assert {"2027-0001", sign_up.person.name, sign_up.programme.title} <= set(facts.values())


def test_numbers_run_through_the_year_over_all_companies():
    found = over()
    for _ in range(2):
        sign_up = SignUpFactory(programme=found)
        attend(sign_up, *["present"] * 5)
    low = SignUpFactory(programme=found)
    attend(low, "present")
    manager = acting_staff("consulting")
    sign_ups = list(found.sign_ups.select_related("programme", "company", "person"))
    assert services.issue_all(sign_ups=sign_ups, language="ko", actor=manager, now=LATER) == 2
    assert services.issue_all(sign_ups=sign_ups, language="ko", actor=manager, now=LATER) == 0
    assert sorted(each.certificate.number for each in sign_ups if each.pk != low.pk) == [1, 2]


def test_a_meeting_that_was_called_off_counts_for_nobody():
    sign_up = SignUpFactory(programme=over())
    attend(sign_up, *["present"] * 3, "absent", "absent")
    with pytest.raises(AttendanceTooLow):
        certify(sign_up)
    last = Meeting.objects.order_by("-period")[:2]
    Meeting.objects.filter(pk__in=[each.pk for each in last]).update(is_off=True, off_reason="강사 사정")
    assert certify(sign_up).number == 1


def test_what_is_refused():
    found = over()
    sign_up, gone = (
        SignUpFactory(programme=found),
        SignUpFactory(programme=found, state="left", left_at=LATER, left_reason="퇴사"),
    )
    attend(sign_up, *["present"] * 5)
    stranger = SignUpFactory(programme=found).person
    for actor in (stranger, acting_staff("leases")):
        with pytest.raises(NotAllowed):
            certify(sign_up, actor)
    with pytest.raises(NotAParticipant):
        certify(gone)
    running = SignUpFactory(programme=programme(at(12, 14), state="running"))
    with pytest.raises(NotOver):
        certify(running)
