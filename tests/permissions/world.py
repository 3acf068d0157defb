"""Two companies, two firms, two advisers with one of everything each. Whatever carries MARK belongs to
the first company and firm. Advisers carry none: all founders may know them."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from PIL import Image

from incubator.accounts.enums import Kind
from incubator.accounts.models import ApiToken
from incubator.accounts.services import prepare_invitation
from incubator.audit.models import AccessEvent
from incubator.common.enums import Region, Sector, Stage
from incubator.common.periods import days
from incubator.jobs.models import Job
from incubator.mailing.models import Mail
from investors.dataroom.models import PageView
from investors.firms.models import Firm, Fund, Holding, Mandate, MandateProposal, Tag, TagWord
from investors.matching.models import (
    Conflict,
    DisclosureGrant,
    Introduction,
    IntroductionStep,
    Investment,
    MatchRun,
    Participation,
    Preference,
)
from investors.portal.models import FirmCalendar
from tenants.companies.models import Company
from tenants.companies.services import record_alumni
from tenants.compute.models import (
    ClawBackNotice,
    Cluster,
    CreditAccount,
    GrantPolicy,
    LimitSync,
    LotWarning,
    Pool,
    Resource,
    StorageLevel,
    Transfer,
    UsageAlert,
    UsageRecord,
)
from tenants.compute.services import (
    ask_for_credits,
    extend_lot,
    grant_credits,
    grant_storage,
    import_storage,
    import_usage,
    make_pool,
    place_hold,
    raise_alerts,
    reconcile_totals,
    set_market_price,
)
from tenants.compute.sreport import ControlTotal
from tenants.consulting.enums import BookingState
from tenants.consulting.models import (
    Adviser,
    BookingFile,
    CompanyNote,
    ExternalCalendar,
    HonorariumLine,
    HonorariumPayment,
    HonorariumSheet,
    MeetingRoom,
    Offer,
    ReportFile,
    ReportNote,
    TimeHold,
    WaitingEntry,
)
from tenants.consulting.services import (
    add_hours,
    go_away,
    join_waiting_list,
    propose_time,
    set_rate,
    set_terms,
)
from tenants.deadlines.models import DutyKind, Reminder
from tenants.deadlines.services import enter_check, send_in_duty
from tenants.helpdesk.models import Category, RequestPhoto
from tenants.helpdesk.services import answer, note, report_problem
from tenants.leases.models import BlockedPeriod, ConditionRecord, EarlyEnd, Holdover, LeaseTransition, Space
from tenants.leases.services import (
    add_photo,
    add_picture,
    check_item,
    draft_lease,
    offer_lease,
    open_handover,
)
from tenants.outcomes.models import ReportingPeriod
from tenants.outcomes.services import open_period, save_report
from tenants.programmes.models import Certificate, Material, MeetingLink
from tests.factories.accounts import UserFactory, acting
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory
from tests.factories.consulting import (
    AdviserFactory,
    AttendanceFactory,
    BookingFactory,
    NextStepFactory,
    RatingFactory,
    SessionReportFactory,
    SlotFactory,
)
from tests.factories.dataroom import AccessFactory, DocumentFactory, FolderFactory
from tests.factories.demoday import furnish_demo_day
from tests.factories.files import document, picture
from tests.factories.handovers import photograph
from tests.factories.intake import furnish_call
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, RateFactory, SpaceFactory
from tests.factories.matching import MatchFactory
from tests.factories.mentordays import furnish_mentor_days
from tests.factories.papers import make_paper
from tests.factories.programmes import MeetingFactory, ProgrammeFactory, SignUpFactory, attend

MARK = "가려진고래"
PLAIN = "보이는참새"
# What the camp office writes for itself: no founder ever reads it, the company's own neither.
INTERNAL = "우리끼리만"
GPU_HOUR_GFLOP = 67_000 * 3600
SEOUL = ZoneInfo("Asia/Seoul")
COMPONENTS = [
    {
        "key": "sector",
        "weight": 5834,
        "value": 10_000,
        "contribution": 5834,
        "company_fact": "healthcare",
        "firm_fact": "healthcare",
    },
    {
        "key": "stage",
        "weight": 4166,
        "value": 5_000,
        "contribution": 2083,
        "company_fact": "seed",
        "firm_fact": "pre_a",
    },
]
HEADER = "JobID|JobIDRaw|Cluster|Account|User|Partition|QOS|State|Submit|Start|End|ElapsedRaw|TimelimitRaw|AllocTRES"
STORAGE_HEADER = "cluster,account,day,granted_tb,used_tb"


@dataclass
class Side:
    """Everything of one company, its firm and its adviser."""

    mark: str
    company: Company
    firm: Firm
    adviser: Adviser
    things: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    mine: Side
    theirs: Side
    pool: Pool
    run: MatchRun
    period: ReportingPeriod
    draft: MatchRun


def _sacct(side: Side, number: int, now: datetime) -> str:
    end = int((now - timedelta(days=2)).timestamp())
    account = side.company.cluster_account
    rows = [
        f"{number}|{number}|gjlab|{account}|{side.mark}|gpu|normal|COMPLETED|{end - 4000}|{end - 3600}|{end}|3600|120|"
        "billing=1,cpu=8,gres/gpu:h100=2,gres/gpu=2,mem=32000M,node=1",
        f"{number + 1}|{number + 1}|gjlab|{account}|{side.mark}|gpu|normal|RUNNING|{end}|{end}|Unknown|60|120|"
        "billing=1,cpu=8,gres/gpu:h100=1,gres/gpu=1,mem=32000M,node=1",
    ]
    return "\n".join([HEADER, *rows, ""])


def _company(mark: str, *, visible: bool) -> Company:
    company = CompanyFactory(
        name=f"{mark} 기업",
        name_en=f"{mark} Company",
        representative=f"{mark} 대표",
        email=f"office@{'whale' if mark == MARK else 'sparrow'}.example",
        summary=f"{mark} 소개",
        visible_to_investors=visible,
        cluster_account=f"gj-{mark}",
    )
    ResidencyFactory(company=company)
    return company


def _firm(mark: str) -> Firm:
    slug = "whale" if mark == MARK else "sparrow"
    firm = Firm.objects.create(
        name=f"{mark} 투자",
        slug=f"{slug}-capital",
        kind="vc",
        email=f"desk@{slug}.example",
        contact_name=f"{mark} 심사역",
    )
    Mandate.objects.create(
        firm=firm,
        sectors=[Sector.HEALTHCARE],
        stages=[Stage.PRE_A],
        regions=[Region.NATIONWIDE],
        ticket_min_krw=100_000_000,
        ticket_max_krw=1_000_000_000,
        keywords=[f"{mark} 기술"],
        thesis=f"{mark} 투자 방향",
        capacity=5,
    )
    Fund.objects.create(firm=firm, name=f"{mark} 조합", vintage_year=2024, size_krw=10**10)
    Holding.objects.create(firm=firm, company_name=f"{mark} 보유사", name_key=f"{mark}보유사")
    return firm


def _furnish(
    side: Side, *, number: int, pool: Pool, run: MatchRun, period: ReportingPeriod, now: datetime
) -> None:
    company, firm, adviser, mark, things = side.company, side.firm, side.adviser, side.mark, side.things
    today = timezone.localdate(now)
    founder = MembershipFactory(company=company, user=UserFactory(name=f"{mark} 직원"), level="member").user
    things["membership"] = company.memberships.get(user=founder)

    space = SpaceFactory()
    RateFactory(space=space)
    things["space"] = space
    things["lease"] = lease = LeaseFactory(
        company=company,
        space=space,
        period=days(today - timedelta(days=200), today + timedelta(days=42)),
        legal_basis=f"{mark} 근거",
        programme=f"{mark} 사업",
        comparator=f"{mark} 비교",
    )
    _furnish_space(side, space, now)
    LeaseTransition.objects.create(
        lease=lease, to_state="active", at=now, last_day=lease.last_day, reason=f"{mark} 이유"
    )
    things["extension"] = ExtensionRequestFactory(
        lease=lease, until=today + timedelta(days=200), reason=f"{mark} 사유", asked_at=now, asked_by=founder
    )

    _offer_and_end(side, founder, today, now)
    _hand_over(side, now)
    things["paper"] = make_paper(company, now, title=f"{mark} 확인서")

    later = now.astimezone(SEOUL).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    earlier = later - timedelta(days=10)
    things["free_slot"] = SlotFactory(adviser=adviser, starts=later + timedelta(hours=3))
    things["booking"] = BookingFactory(
        slot=SlotFactory(adviser=adviser, starts=later),
        company=company,
        attendee=founder,
        topic=f"{mark} 주제",
        booked_at=now,
    )
    things["held"] = held = BookingFactory(
        slot=SlotFactory(adviser=adviser, starts=earlier),
        company=company,
        attendee=founder,
        topic=f"{mark} 지난 주제",
        booked_at=earlier - timedelta(days=1),
        state=BookingState.HELD,
    )
    AttendanceFactory(booking=held, recorded_at=now)
    _consult(side, founder, now)
    _teach(side, founder, now)
    _after_session(side, founder, now)

    things["grant"] = grant_credits(
        company=company,
        pool=pool,
        programme=f"{mark} 사업",
        amount_gflop=100 * 3_600_000_000,
        period=pool.period,
        reason=f"{mark} 배정 이유",
        actor=None,
        now=now - timedelta(days=20),
    )
    things["import"] = import_usage(
        io.BytesIO(_sacct(side, number, now).encode()),
        cluster="gjlab",
        actor=None,
        now=now,
        register_first=True,
        file_name=f"{mark}.txt",
    )

    things["storage_grant"] = grant_storage(
        company=company,
        cluster=Cluster.objects.get(name="gjlab"),
        tb=number,
        period=pool.period,
        reason=f"{mark} 저장공간",
        actor=None,
        now=now,
    )
    import_storage(
        io.StringIO(f"{STORAGE_HEADER}\ngjlab,{company.cluster_account},{today},{number},{number * 0.9}\n"),
        cluster="gjlab",
        actor=None,
        now=now,
    )
    raise_alerts(now=now)
    things["storage_level"] = StorageLevel.objects.get(company=company)
    things["alert"] = UsageAlert.objects.filter(company=company).latest("pk")
    things["hold"] = place_hold(
        allocation=things["grant"],
        amount_gflop=1,
        until=now + timedelta(days=7),
        reason=f"{mark} 보류",
        actor=None,
        now=now,
    )
    _ask_for_credits(side, founder, now)
    _applications(side)
    things["transfer"] = Transfer.objects.filter(company=company).latest("pk")
    things["record"] = UsageRecord.objects.filter(company=company).latest("pk")
    things["residency"] = company.residencies.get(state="resident")

    things["match"] = match = MatchFactory(
        run=run, company=company, firm=firm, score=7917, components=COMPONENTS, missing=[], published=True
    )
    until = today + timedelta(days=90)
    things["asked"] = Introduction.objects.create(
        match=match,
        company=company,
        firm=firm,
        message=f"{mark} 전언",
        items=["contact"],
        until=until,
        made_by=UserFactory(name="담당"),
        made_at=now,
    )
    things["done"] = done = Introduction.objects.create(
        company=company,
        firm=firm,
        state="passed",
        message=f"{mark} 옛 전언",
        items=["contact"],
        until=until,
        made_by=things["asked"].made_by,
        made_at=now - timedelta(days=40),
        answered_at=now - timedelta(days=39),
        note=f"{mark} 결과",
    )
    said = {"company": company, "firm": firm, "side": "company"}
    things["conflict"] = Conflict.objects.create(
        **said, kind="rival", evidence=f"{mark} 경쟁사", declared_by=founder
    )
    Preference.objects.create(**said, level="meet", rank=1, reason=f"{mark} 바람", said_by=founder)
    Participation.objects.create(company=company, takes_part=True, said_by=founder)
    for state, ago in (("asked", 40), ("passed", 2)):
        IntroductionStep.objects.create(
            introduction=done,
            company=company,
            firm=firm,
            state=state,
            happened_on=today - timedelta(days=ago),
            recorded_at=now,
        )
    things["investment"] = Investment.objects.create(
        introduction=done,
        company=company,
        firm=firm,
        invested_on=today,
        funding_round="seed",
        amount_krw=300_000_000,
        evidence=ContentFile(f"{mark} 증빙".encode(), name="world.txt"),
        evidence_name=f"{mark} 계약서.txt",
        evidence_type="text/plain; charset=utf-8",
        note=f"{mark} 투자 메모",
        recorded_at=now,
    )
    things["firm_calendar"] = FirmCalendar.objects.create(firm=firm, token_hash=f"{mark}", made_at=now)
    things["disclosure"] = DisclosureGrant.objects.create(
        introduction=done,
        company=company,
        firm=firm,
        items=["contact"],
        text_version="t",
        text=f"{mark} 동의문",
        granted_by=founder,
        granted_at=now,
        since=today,
        until=until,
    )
    _open_room(side, founder, now)
    things["report"] = save_report(
        company=company, period=period, values={}, note=f"{mark} 메모", submit=False, actor=None, now=now
    )
    _desk(side, founder, now)
    things["invitation"] = prepare_invitation(
        email=f"guest{number}@test.example",
        name=f"{mark} 손님",
        kind=Kind.FOUNDER,
        scope_id=company.pk,
        level="member",
        actor=None,
        now=now,
    )


def _open_room(side: Side, founder: Any, now: datetime) -> None:
    """A folder with one document, a picture of one page, which the firm may download, and a look at it."""
    company, mark, things = side.company, side.mark, side.things
    things["room_folder"] = folder = FolderFactory(company=company, name=f"{mark} 폴더")
    things["room_document"] = shared = DocumentFactory(
        folder=folder, title=f"{mark} 계획서", content__name=f"{mark} 원본.png", content__uploaded_by=founder
    )
    things["room_version"] = version = shared.current
    AccessFactory(document=shared, disclosure=things["disclosure"], level="download", given_by=founder)
    PageView.objects.create(
        company=company,
        document=shared,
        version=version,
        firm=side.firm,
        user=UserFactory(),
        reader=f"{mark} 심사역",
        kind="opened",
        page=1,
        at=now,
    )


def _desk(side: Side, founder: Any, now: datetime) -> None:
    """A request with photographs and an internal note, evidence of a duty, a look at the register, a reminder."""
    company, mark, things = side.company, side.mark, side.things
    today, reader = timezone.localdate(now), acting(founder, Kind.FOUNDER, company.pk, "member")
    things["help_request"] = asked = report_problem(
        company=company,
        category=Category.objects.get(code="facility"),
        title=f"{mark} 누수",
        text=f"{mark} 천장에서 물이 샙니다.",
        key="world",
        photos=[picture()],
        actor=reader,
        now=now,
    )
    note(request=asked, text=f"{mark} {INTERNAL}", actor=None, now=now)
    answer(request=asked, text=f"{mark} 답변", actor=None, now=now)
    things["help_photo"] = RequestPhoto.objects.get(event__request=asked)
    things["duty_kind"] = kind = DutyKind.objects.get(code="insurance")
    things["duty"] = duty = send_in_duty(
        company=company,
        kind=kind,
        done_on=today,
        valid_until=today + timedelta(days=365),
        evidence=document(f"{mark}.pdf"),
        actor=reader,
        now=now,
    )
    enter_check(
        company=company, status="active", checked_on=today, note=f"{mark} {INTERNAL}", actor=None, now=now
    )
    letter = Mail.objects.create(
        topic="deadlines",
        key=f"world/{mark}",
        user=founder,
        address=founder.email,
        subject=f"{mark} 알림",
        body=f"{mark} 본문",
        made_at=now,
    )
    things["jobs_job"] = Job.objects.create(kind="world", subject=mark, asked_at=now)
    Reminder.objects.create(
        kind="duty",
        object_id=kind.pk,
        company=company,
        label=f"{mark} 보험",
        due_on=duty.valid_until,
        stage=90,
        recipient=founder,
        planned_on=today,
        made_at=now,
        digest=letter,
    )


def _consult(side: Side, founder: Any, now: datetime) -> None:
    """Weekly hours, a day off, a file, a proposal, and a time held for the company, which waits."""
    company, adviser, mark, things = side.company, side.adviser, side.mark, side.things
    booking, today = things["booking"], timezone.localdate(now)
    things["hours"] = add_hours(
        adviser=adviser,
        weekday=str((today + timedelta(days=5)).isoweekday()),
        starts=time(9),
        ends=time(11),
        on_holidays=True,
        online_url=f"https://meet.example/{mark}",
        first=today,
        actor=None,
        now=now,
    )
    things["away"] = go_away(
        adviser=adviser,
        first=today + timedelta(days=40),
        last=today + timedelta(days=41),
        reason=f"{mark} 개인 사정",
        actor=None,
        now=now,
    )
    set_terms(adviser=adviser, notice_hours=1, actor=None)
    ExternalCalendar.objects.create(adviser=adviser, url=f"https://calendar.example/{mark}.ics", read_at=now)
    things["booking_file"] = BookingFile.objects.create(
        booking=booking,
        company=company,
        file=ContentFile(f"{mark} 첨부".encode(), name="world.txt"),
        name=f"{mark} 질문.txt",
        content_type="text/plain; charset=utf-8",
        size=10,
        added_by=founder,
        added_at=now,
    )
    things["proposal"] = propose_time(
        booking=booking,
        starts=booking.starts + timedelta(days=1),
        reason=f"{mark} 변경 사유",
        actor=acting(founder, Kind.FOUNDER, company.pk, "member"),
        now=now,
    )
    slot = SlotFactory(adviser=adviser, starts=booking.starts + timedelta(hours=8))
    things["waiting"] = entry = join_waiting_list(
        company=company,
        week=slot.starts.astimezone(SEOUL).date(),
        adviser=adviser,
        actor=acting(founder, Kind.FOUNDER, company.pk, "member"),
        now=now,
    )
    things["offer"] = Offer.objects.create(
        entry=entry, company=company, slot=slot, offered_at=now, expires_at=now + timedelta(hours=12)
    )
    WaitingEntry.objects.filter(pk=entry.pk).update(state="offered")


def _after_session(side: Side, founder: Any, now: datetime) -> None:
    """A report with a step, a file and a note to the camp office, a rating, and the company's own notes."""
    company, adviser, mark, things = side.company, side.adviser, side.mark, side.things
    of = {"company": company, "adviser": adviser}
    things["session_report"] = report = SessionReportFactory(
        booking=things["held"], advice=f"{mark} 조언", written_at=now
    )
    things["step"] = NextStepFactory(report=report, text=f"{mark} 다음")
    NextStepFactory(
        report=report, text=f"{mark} 그만둔 일", state="dropped", reason=f"{mark} 사정", closed_at=now
    )
    things["report_file"] = ReportFile.objects.create(
        report=report,
        **of,
        file=ContentFile(f"{mark} 자료".encode(), name="world.txt"),
        name=f"{mark} 자료.txt",
        content_type="text/plain; charset=utf-8",
        size=10,
        sha256="0" * 64,
        added_at=now,
    )
    ReportNote.objects.create(report=report, **of, text=f"{mark} {INTERNAL}", written_at=now)
    RatingFactory(booking=things["held"], words=f"{mark} 평가", rated_at=now)
    CompanyNote.objects.create(
        booking=things["held"], **of, text=f"{mark} 우리 메모", written_by=founder, written_at=now
    )


def _teach(side: Side, founder: Any, now: datetime) -> None:
    """A programme that everyone may see, and what of it only its participants may; what its teacher was paid."""
    company, adviser, mark, things = side.company, side.adviser, side.mark, side.things
    begun = now - timedelta(days=9)
    things["programme"] = programme = ProgrammeFactory(
        adviser=adviser, seats=3, opens_at=begun - timedelta(days=9), closes_at=begun, state="running"
    )
    things["meeting"] = meeting = MeetingFactory(programme=programme, starts=begun)
    MeetingLink.objects.create(meeting=meeting, url=f"https://meet.example/{mark}")
    values = {"programme": programme, "company": company}
    SignUpFactory(
        **values, person=founder, joined_at=begun, state="left", left_at=begun, left_reason=f"{mark} 사정"
    )
    things["sign_up"] = sign_up = SignUpFactory(**values, person=founder, joined_at=begun)
    attend(sign_up, "present")
    things["material"] = Material.objects.create(
        programme=programme,
        file=ContentFile(f"{mark} 자료".encode(), name="world.txt"),
        name=f"{mark} 자료.txt",
        content_type="text/plain; charset=utf-8",
        size=10,
        sha256="0" * 64,
        added_at=now,
    )
    Certificate.objects.create(
        sign_up=sign_up,
        company=company,
        paper=things["paper"],
        year=now.year,
        number=things["sign_up"].pk,
        issued_at=now,
    )
    TimeHold.objects.create(
        adviser=adviser,
        period=DateTimeTZRange(now + timedelta(days=50), now + timedelta(days=50, hours=1)),
        what=f"{mark} 강의",
    )
    set_rate(
        adviser=adviser,
        amount_krw=123_457,
        unit="hour",
        kind="other",
        first=date(2020, 1, 1),
        source=f"{mark} 위촉",
        actor=None,
    )
    last = (timezone.localdate(now).replace(day=1) - timedelta(days=1)).replace(day=1)
    sheet, _made = HonorariumSheet.objects.get_or_create(
        month=(last - timedelta(days=1)).replace(day=1), closed_at=now
    )
    HonorariumLine.objects.create(
        sheet=sheet,
        adviser=adviser,
        kind="other",
        for_month=sheet.month,
        sessions=1,
        minutes=60,
        gross_krw=123_457,
    )
    HonorariumPayment.objects.create(
        sheet=sheet,
        adviser=adviser,
        kind="other",
        gross_krw=123_457,
        taxable_krw=49_382,
        income_tax_krw=0,
        local_tax_krw=0,
        net_krw=123_457,
    )


def _offer_and_end(side: Side, founder: Any, today: date, now: datetime) -> None:
    """A contract that waits for a signature, an end that is asked for, and a stay after one that is over."""
    company, mark, things = side.company, side.mark, side.things
    first = today + timedelta(days=60)
    draft = draft_lease(
        company=company,
        space=RateFactory().space,
        first_day=first,
        last_day=first + timedelta(days=300),
        legal_basis=f"{mark} 제안",
        actor=None,
        now=now,
    )
    offer_lease(lease=draft, actor=None, now=now)
    things["contract"] = draft.contracts.get()
    things["early_end"] = EarlyEnd.objects.create(
        lease=things["lease"],
        kind="asked",
        last_day=today + timedelta(days=20),
        reason=f"{mark} 이전",
        asked_by=founder,
        asked_at=now,
    )
    over = LeaseFactory(
        company=company,
        period=days(today - timedelta(days=300), today - timedelta(days=250)),
        state="ended",
        legal_basis=f"{mark} 지난 근거",
    )
    things["holdover"] = Holdover.objects.create(
        lease=over,
        space=over.space,
        first_day=today - timedelta(days=249),
        allowed_until=today - timedelta(days=240),
        reason=f"{mark} 장비",
        noted_at=now,
        outcome="left",
        last_day=today - timedelta(days=245),
        resolved_at=now,
        resolution=f"{mark} 반출",
    )


def _hand_over(side: Side, now: datetime) -> None:
    """A handover with a note and a photograph, and the record of an earlier stay."""
    company, mark, things = side.company, side.mark, side.things
    things["handover"] = handover = open_handover(lease=things["lease"], actor=None, now=now)
    item = handover.items.first()
    check_item(item=item, state="done", note=f"{mark} 쪽지", actor=None, now=now)
    things["handover_picture"] = add_picture(item=item, file=photograph(), actor=None, now=now)
    today = timezone.localdate(now)
    former = ResidencyFactory(
        company=company,
        state="graduated",
        period=days(today - timedelta(days=1000), today - timedelta(days=900)),
    )
    things["alumni"] = record_alumni(
        residency=former,
        left_on=today - timedelta(days=900),
        outcome="operating",
        note=f"{mark} 근황",
        actor=None,
        now=now,
    )


def _applications(side: Side) -> None:
    """A call of its own with one application, which is under review and marked wherever an applicant writes."""
    side.things.update(furnish_call(side.mark))


def _furnish_space(side: Side, space: Space, now: datetime) -> None:
    """A photograph, days on which it is blocked, and a condition. All founders may know the first two."""
    picture = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(picture, "PNG")
    file = SimpleUploadedFile("room.png", picture.getvalue())
    side.things["photo"] = add_photo(space=space, file=file, alt="창가", actor=None)
    later = timezone.localdate(now) + timedelta(days=400)
    side.things["blocked"] = BlockedPeriod.objects.create(
        space=space, period=days(later, later), kind="event", note="행사"
    )
    ConditionRecord.objects.create(
        space=space, condition="good", since=timezone.localdate(now), note=f"{side.mark} 상태", at=now
    )


def _ask_for_credits(side: Side, founder: Any, now: datetime) -> None:
    """A request under review, and a grant that was warned of, extended, and is behind its plan."""
    company, mark, things = side.company, side.mark, side.things
    today, lot = timezone.localdate(now), side.things["grant"]
    things["credit_request"] = ask_for_credits(
        company=company,
        project=f"{mark} 과제",
        description=f"{mark} 설명",
        amount_gflop=30 * 3_600_000_000,
        period=days(today, today + timedelta(days=59)),
        reason=f"{mark} 필요",
        actor=acting(founder, Kind.FOUNDER, company.pk, "member"),
        now=now,
        key="world",
    )
    lot = grant_credits(
        company=company,
        pool=lot.pool,
        programme=f"{mark} 옛 사업",
        amount_gflop=3_600_000_000,
        period=days(today - timedelta(days=100), today + timedelta(days=20)),
        reason=f"{mark} 이유",
        actor=None,
        now=now - timedelta(days=100),
    )
    things["extension_of_grant"] = extend_lot(
        allocation=lot, last_day=today + timedelta(days=25), reason=f"{mark} 연장", actor=None, now=now
    )
    LotWarning.objects.create(
        lot=lot, company=company, kind="early", ends_on=lot.period.upper, left_gflop=1, made_at=now
    )
    things["notice"] = ClawBackNotice.objects.create(
        lot=lot,
        company=company,
        policy=GrantPolicy.objects.get(),
        checkpoint=today - timedelta(days=14),
        planned_gflop=2_000_000_000,
        used_gflop=0,
        proposed_gflop=1_000_000_000,
        sent_at=now,
        deadline=today + timedelta(days=14),
    )


def make_world(*, visible: bool = True) -> World:
    """`visible` says whether the marked company agreed to be seen by investors."""
    now = timezone.now().replace(microsecond=0)
    today = timezone.localdate(now)
    year = days(date(today.year - 1, 1, 1), date(today.year + 1, 12, 31))
    pool = make_pool(
        name="2026",
        period=year,
        capacity_gflop=10_000 * 3_600_000_000,
        reason="연간 배정",
        actor=None,
        now=now - timedelta(days=30),
    )
    run = _run(now, state="published", published_at=now)
    period = open_period(
        name="2026년 3분기",
        name_en="2026 Q3",
        first_day=today - timedelta(days=90),
        last_day=today - timedelta(days=1),
        due_on=today + timedelta(days=20),
        actor=None,
        now=now,
    )
    mine = Side(
        MARK,
        _company(MARK, visible=visible),
        _firm(MARK),
        AdviserFactory(),
    )
    theirs = Side(PLAIN, _company(PLAIN, visible=True), _firm(PLAIN), AdviserFactory())
    _furnish(mine, number=100, pool=pool, run=run, period=period, now=now)
    _furnish(theirs, number=200, pool=pool, run=run, period=period, now=now)
    for side in (mine, theirs):
        side.things |= furnish_demo_day(side.company, side.firm, side.mark, INTERNAL, now)
    mine.things["free_match"] = MatchFactory(
        run=run,
        company=mine.company,
        firm=theirs.firm,
        score=5000,
        components=COMPONENTS,
        missing=[],
        published=False,
    )
    furnish_mentor_days((mine, theirs), now)
    _settle(mine, now)
    return World(mine, theirs, pool, run, period, _run(now, state="draft"))


def _run(now: datetime, **values: Any) -> MatchRun:
    return MatchRun.objects.create(
        run_at=now,
        weights_version="2026-1",
        minimum=3,
        objective=10,
        bound=10,
        input_hash="0" * 64,
        result_hash="0" * 64,
        solver="highs",
        **values,
    )


def _settle(side: Side, now: datetime) -> None:
    """What only exists once everything else does, and one record of every kind that the admin lists."""
    company, things = side.company, side.things
    row = "900|900|gjlab|nobody|x|cpu|normal|COMPLETED|1795361310|1795361310|1795361410|100|5|cpu=2"
    import_usage(
        io.BytesIO(f"{HEADER}\n{row}\n".encode()),
        cluster="gjlab",
        actor=None,
        now=now,
    )
    things["suspense"] = CreditAccount.objects.get(kind="suspense")
    things["mandate_proposal"] = MandateProposal.objects.create(
        firm=side.firm,
        written_by=f"{side.mark} 심사역",
        written_on=now.date(),
        text=f"{side.mark} 티켓을 올리고 싶습니다.",
        recorded_at=now,
    )
    tag = Tag.objects.create(code="computer_vision", ko="영상 인식", en="Computer vision")
    TagWord.objects.create(tag=tag, language="ko", word="영상 인식", key="영상인식")
    things["reconciliation"] = reconcile_totals(
        cluster=things["import"].cluster,
        start=now - timedelta(days=3),
        end=now - timedelta(days=2),
        totals=[ControlTotal(company.cluster_account, "cpu", 1)],
        source="csv",
        sha256="0" * 64,
        actor=None,
        now=now,
    )
    LimitSync.objects.create(cluster=things["import"].cluster, state="done", synced_at=now)
    ApiToken.objects.create(
        user=things["membership"].user,
        name="기계",
        role=f"founder:{company.pk}",
        prefix="camp_abc",
        token_hash="0" * 64,
    )
    AccessEvent.objects.create(
        acting_as="staff", subject_type="company", subject_ids=[company.pk], task="보기"
    )
    MeetingRoom.objects.create(name="회의실")
    set_market_price(
        resource=Resource.objects.get(code="gres/gpu:h100"),
        krw_per_hour=4_000,
        starts_on=date(2026, 1, 1),
        source="공개 요금표",
        actor=None,
        now=now,
    )
    raise_alerts(now=now)
    for model in admin.site._registry:
        things[f"{model._meta.app_label}_{model._meta.model_name}"] = _own(company, model)


def _own(company: Company, model: type[Any]) -> Any:
    found = model._default_manager.all()
    if any(each.name == "company" for each in model._meta.get_fields()):
        found = found.filter(company=company)
    return found.first()
