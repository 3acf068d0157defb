"""Many more companies around the world of world.py, each with a little of everything, made in bulk."""

import io
from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from incubator.accounts.models import Invitation, User
from incubator.audit.models import AccessEvent
from incubator.common.enums import Sector, Stage
from incubator.common.periods import days
from investors.matching.models import Introduction, Match
from tenants.companies.models import AlumniRecord, Company, Membership, Residency
from tenants.compute.models import (
    Allocation,
    ClawBackNotice,
    CreditAccount,
    GrantPolicy,
    GrantRequest,
    LotWarning,
    PlannedUse,
    Transfer,
)
from tenants.compute.services import import_usage
from tenants.consulting.models import Adviser, Attendance, Booking, Slot
from tenants.leases.models import (
    ContractTemplate,
    EarlyEnd,
    ExtensionRequest,
    Handover,
    Holdover,
    Lease,
    LeaseContract,
    LeasePolicy,
    LeaseSignature,
    Rate,
    Space,
)
from tenants.outcomes.models import KpiReport
from tenants.papers.codes import make_code
from tenants.papers.models import Paper
from tests.factories.companies import business_number
from tests.factories.leases import FloorFactory

from .world import COMPONENTS, GPU_HOUR_GFLOP, HEADER, World


def make_crowd(world: World, first: int, last: int) -> None:
    """Companies number `first` to `last`, the last one not included."""
    numbers = range(first, last)
    now = timezone.now()
    today = timezone.localdate(now)
    companies = Company.objects.bulk_create(
        Company(
            name=f"군중 {n:04}",
            name_en=f"Crowd {n:04}",
            slug=f"crowd-{n}",
            business_number=business_number(n + 10_000),
            representative=f"대표 {n}",
            email=f"crowd{n}@company.example",
            sectors=[Sector.HEALTHCARE],
            stage=Stage.SEED,
            visible_to_investors=True,
            cluster_account=f"crowd{n}",
        )
        for n in numbers
    )
    users = User.objects.bulk_create(
        User(email=f"crowd{n}@test.example", name=f"군중 {n}", password="!") for n in numbers
    )
    pairs = list(zip(companies, users, strict=True))
    Membership.objects.bulk_create(
        Membership(company=company, user=user, level="owner") for company, user in pairs
    )
    Residency.objects.bulk_create(
        Residency(company=company, state="resident", period=DateRange(today - timedelta(days=100), None))
        for company in companies
    )
    _rooms(companies, users, first, today, now)
    _sessions(world, pairs, first, now)
    _credits(world, companies, now)
    _investors(world, companies, today, now)
    stays = Residency.objects.bulk_create(
        Residency(
            company=company,
            state="graduated",
            period=days(today - timedelta(days=900), today - timedelta(days=800)),
        )
        for company in companies
    )
    AlumniRecord.objects.bulk_create(
        AlumniRecord(residency=stay, company=stay.company, left_on=today - timedelta(days=800))
        for stay in stays
    )
    Handover.objects.bulk_create(
        Handover(lease=lease, company_id=lease.company_id, opened_at=now)
        for lease in Lease.objects.filter(company__in=companies)
    )
    Paper.objects.bulk_create(
        Paper(
            kind="residency",
            company=company,
            title="입주확인서",
            language="ko",
            code=make_code(),
            template="papers/residency.typ",
            content={},
            content_sha256="0" * 64,
            file="papers/crowd.pdf",
            pdf_sha256="0" * 64,
            issued_at=now,
        )
        for company in companies
    )
    KpiReport.objects.bulk_create(
        KpiReport(company=company, period=world.period, state="submitted", submitted_at=now)
        for company in companies
    )
    Invitation.objects.bulk_create(
        Invitation(
            email=f"guest{n}@crowd.example",
            name=f"손님 {n}",
            kind="staff",
            level="leases",
            token_hash=f"{n:064}",
            expires_at=now + timedelta(days=7),
        )
        for n in numbers
    )
    AccessEvent.objects.bulk_create(
        AccessEvent(acting_as="staff", subject_type="company", subject_ids=[company.pk], task="보기")
        for company in companies
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does where the rows are committed


def _rooms(companies: list[Company], users: list[User], first: int, today: Any, now: Any) -> None:
    floor = FloorFactory()
    spaces = Space.objects.bulk_create(
        Space(building=floor.building, floor=floor, code=f"C{first + i}", area_m2=20, seats=4)
        for i in range(len(companies))
    )
    Rate.objects.bulk_create(
        Rate(space=space, period=DateRange(None, None), rent_krw_per_m2=8000, fee_krw_per_m2=3000)
        for space in spaces
    )
    leases = Lease.objects.bulk_create(
        Lease(
            company=company,
            space=space,
            period=days(today - timedelta(days=100), today + timedelta(days=40)),
            state="active",
            legal_basis="창업지원",
        )
        for company, space in zip(companies, spaces, strict=True)
    )
    ExtensionRequest.objects.bulk_create(
        ExtensionRequest(
            lease=lease,
            until=today + timedelta(days=200),
            reason="더 머물고 싶습니다.",
            asked_by=user,
            asked_at=now,
        )
        for lease, user in zip(leases, users, strict=True)
    )
    EarlyEnd.objects.bulk_create(
        EarlyEnd(
            lease=lease,
            kind="asked",
            last_day=today + timedelta(days=9),
            reason="이전합니다.",
            asked_by=user,
            asked_at=now,
        )
        for lease, user in zip(leases, users, strict=True)
    )
    Holdover.objects.bulk_create(
        Holdover(
            lease=lease,
            space_id=lease.space_id,
            first_day=today - timedelta(days=9),
            allowed_until=today,
            reason="장비",
            noted_at=now,
        )
        for lease in leases
    )
    papers = Paper.objects.bulk_create(
        Paper(
            kind="contract",
            company=company,
            title="입주계약서",
            language="ko",
            code=make_code(),
            template="papers/contract.typ",
            content={},
            content_sha256="0" * 64,
            file="papers/contract.pdf",
            pdf_sha256="0" * 64,
            issued_at=now,
        )
        for company in companies
    )
    template = ContractTemplate.objects.latest("version")
    contracts = LeaseContract.objects.bulk_create(
        LeaseContract(
            lease=lease,
            number=1,
            template=template,
            terms={},
            content={"facts": []},
            paper=paper,
            sha256="0" * 64,
            made_at=now,
        )
        for lease, paper in zip(leases, papers, strict=True)
    )
    LeaseSignature.objects.bulk_create(
        LeaseSignature(
            contract=contract,
            side="company",
            person=user,
            typed_name=user.name or "이름",
            document_sha256="0" * 64,
            at=now,
        )
        for contract, user in zip(contracts, users, strict=True)
    )
    LeasePolicy.objects.create(starts_on=today, source="기준", reason="개정", set_at=now)
    last = ContractTemplate.objects.latest("version").version
    ContractTemplate.objects.create(
        version=last + 1, title="계약서", articles="제1조", starts_on=today, made_at=now
    )


def _sessions(world: World, pairs: list[tuple[Company, User]], first: int, now: Any) -> None:
    """Each company has one session behind it, all with the adviser of the marked side, one after the other."""
    adviser: Adviser = world.mine.adviser
    begin = now - timedelta(days=400) + timedelta(hours=first)
    periods = [
        DateTimeTZRange(begin + timedelta(hours=i), begin + timedelta(hours=i, minutes=30))
        for i in range(len(pairs))
    ]
    slots = Slot.objects.bulk_create(Slot(adviser=adviser, period=period) for period in periods)
    bookings = Booking.objects.bulk_create(
        Booking(
            slot=slot,
            adviser=adviser,
            period=slot.period,
            company=company,
            attendee=user,
            topic="지난 상담",
            state="held",
            booked_by=user,
            booked_at=begin,
        )
        for slot, (company, user) in zip(slots, pairs, strict=True)
    )
    Attendance.objects.bulk_create(
        Attendance(booking=booking, adviser_came=True, company_came=True, recorded_at=now)
        for booking in bookings
    )


def _credits(world: World, companies: list[Company], now: Any) -> None:
    accounts = CreditAccount.objects.bulk_create(
        CreditAccount(code=f"lot:crowd-{company.pk}", kind="lot", company=company) for company in companies
    )
    Allocation.objects.bulk_create(
        Allocation(
            company=company,
            pool=world.pool,
            programme="군중",
            account=account,
            amount_gflop=GPU_HOUR_GFLOP,
            period=world.pool.period,
            reason="배정",
            granted_at=now,
        )
        for company, account in zip(companies, accounts, strict=True)
    )
    Transfer.objects.bulk_create(
        Transfer(
            amount_gflop=GPU_HOUR_GFLOP,
            debit_id=world.pool.account_id,
            credit=account,
            kind="grant",
            reason="배정",
            company=company,
            effective_at=now,
            recorded_at=now,
            idempotency_key=f"crowd-{company.pk}",
            payload_hash="0",
        )
        for company, account in zip(companies, accounts, strict=True)
    )
    _requests(companies, now)
    rows = "".join(
        f"{company.pk}|{company.pk}|gjlab|{company.cluster_account}|user|gpu|normal|COMPLETED|1795361310|1795361310|1795364910"
        "|3600|120|cpu=8,gres/gpu:h100=1\n"
        for company in companies
    )
    import_usage(io.BytesIO(f"{HEADER}\n{rows}".encode()), cluster="gjlab", actor=None, now=now)


def _requests(companies: list[Company], now: Any) -> None:
    """Each company asks for credits, has been warned of its grant's end, and answers a notice."""
    today, policy = timezone.localdate(now), GrantPolicy.objects.get()
    asked = GrantRequest.objects.bulk_create(
        GrantRequest(
            company=company,
            key="crowd",
            project="군중 과제",
            description="설명",
            amount_gflop=GPU_HOUR_GFLOP,
            period=days(today, today),
            reason="필요",
            asked_at=now,
        )
        for company in companies
    )
    PlannedUse.objects.bulk_create(
        PlannedUse(request=each, month=today.replace(day=1), gflop=each.amount_gflop) for each in asked
    )
    lots = Allocation.objects.filter(company__in=companies)
    LotWarning.objects.bulk_create(
        LotWarning(
            lot=lot,
            company_id=lot.company_id,
            kind="early",
            ends_on=lot.period.upper,
            left_gflop=1,
            made_at=now,
        )
        for lot in lots
    )
    ClawBackNotice.objects.bulk_create(
        ClawBackNotice(
            lot=lot,
            company_id=lot.company_id,
            policy=policy,
            checkpoint=today,
            planned_gflop=2,
            used_gflop=0,
            proposed_gflop=1,
            sent_at=now,
            deadline=today,
            state="exempting",
            exemption_reason="필요합니다.",
            asked_at=now,
        )
        for lot in lots
    )


def _investors(world: World, companies: list[Company], today: Any, now: Any) -> None:
    with pgtrigger.ignore("matching.Match:frozen_insert"):
        matches = Match.objects.bulk_create(
            Match(
                run=world.run,
                company=company,
                firm=world.mine.firm,
                score=7917,
                components=COMPONENTS,
                published=True,
            )
            for company in companies
        )
    Introduction.objects.bulk_create(
        Introduction(
            match=match,
            company=match.company,
            firm=match.firm,
            state="consented",
            items=["contact"],
            until=today + timedelta(days=90),
            made_at=now,
            answered_at=now,
        )
        for match in matches
    )
