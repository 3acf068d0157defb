"""The rules and the contract that hold until the camp sets others. The longest term is what the settings said."""

from datetime import UTC, date, datetime

from django.db import migrations

SINCE = date(2000, 1, 1)
SET_AT = datetime(2000, 1, 1, tzinfo=UTC)
SOURCE = "입주 운영 기준(처음 값)"

TITLE = "입주계약서(무상임대)"
ARTICLES = """제1조(목적) 이 계약은 {operator}(이하 ‘갑’)이 {camp}의 공간을 {company}(이하 ‘을’)에 무상으로 빌려 주는 데 필요한 사항을 정한다.
제2조(계약 공간) 계약 공간은 {space}({floor}, {area}, 정원 {seats}명)로 한다. 소재지: {address}
제3조(계약 기간) 계약 기간은 {first_day}부터 {last_day}까지로 하며, 마지막 날도 기간에 든다.
제4조(임대료와 관리비) 을은 임대료와 관리비를 내지 않는다. 근거: {legal_basis}
비교 기준: {comparator}
시작일의 요율은 m²당 월 임대료 {rent_rate}, 월 관리비 {fee_rate}이며, 계약 기간 전체의 감면액은 이 요율로 임대료 {waived_rent}, 관리비 {waived_fee}이다. 요율이 바뀌면 감면액은 날마다의 요율로 다시 센다.
제5조(사용) 을은 공간을 창업 활동에만 쓰고, 갑의 동의 없이 남에게 빌려 주거나 시설을 바꾸지 않는다.
제6조(연장) 을은 {ask_by}까지 연장을 신청할 수 있고, 갑은 입주 운영 기준에 따라 심사한다.
제7조(중도 종료) 을은 계약 기간 중에도 마지막 날을 정하여 종료를 신청할 수 있다. 갑은 을이 이 계약을 지키지 않으면 {notice_days}일 전에 알리고 계약을 해지할 수 있다.
제8조(명도) 을은 계약이 끝나면 공간을 원래대로 되돌려 비운다. 정리에 필요한 기간은 끝난 날부터 {holdover_days}일까지로 하며, 끝난 다음 날부터는 감면으로 세지 않는다.
제9조(전자서명) 갑과 을은 시스템에서 이름을 적어 서명하며, 서명한 사람, 시각, 접속 주소와 문서의 SHA-256을 함께 보관한다."""
TITLE_EN = "Residency contract (rent-free lease)"
ARTICLES_EN = """Article 1 (Purpose) By this contract {operator} (the lessor) lets space of {camp} to {company} (the lessee) free of charge.
Article 2 (Space) The space is {space} ({floor}, {area}, {seats} seats). Address: {address}
Article 3 (Term) The term runs from {first_day} to {last_day}; the last day belongs to it.
Article 4 (Rent and maintenance fee) The lessee pays neither rent nor maintenance fee. Legal basis: {legal_basis}
Comparator: {comparator}
On the first day a m² costs {rent_rate} rent and {fee_rate} maintenance fee a month. By these rates the rent waived over the whole term is {waived_rent}, the maintenance fee {waived_fee}. When rates change, the waived amounts are counted anew by the rate of each day.
Article 5 (Use) The lessee uses the space for its own venture only, and neither sublets nor rebuilds it without the lessor's consent.
Article 6 (Extension) The lessee may ask for an extension until {ask_by}; the lessor decides by the camp's operating rules.
Article 7 (Early end) The lessee may ask to end the lease on an earlier day. Where the lessee breaks this contract, the lessor may terminate it by notice of {notice_days} days.
Article 8 (Handover) At the end the lessee restores and clears the space, within {holdover_days} days after the end. No day after the end is counted as waived.
Article 9 (Electronic signature) Both sides sign in the camp's system by typing their names; who signed, when, from which address, and the SHA-256 of the document are kept."""


def add(apps, editor):
    settings = apps.get_model("common", "CampSettings").objects.filter(pk=1).first()
    apps.get_model("leases", "LeasePolicy").objects.create(
        starts_on=SINCE,
        term_months=settings.lease_max_months if settings else 24,
        extension_months=12,
        years_in_all=5,
        age_years=7,
        new_industry_age_years=10,
        new_industries=[],
        notice_days=30,
        longest_notice_days=180,
        holdover_days=14,
        source=SOURCE,
        reason="처음 정한 기준",
        set_at=SET_AT,
    )
    apps.get_model("leases", "ContractTemplate").objects.create(
        version=1,
        title=TITLE,
        articles=ARTICLES,
        title_en=TITLE_EN,
        articles_en=ARTICLES_EN,
        starts_on=SINCE,
        made_at=SET_AT,
    )


class Migration(migrations.Migration):
    dependencies = [("leases", "0004_contract_walls"), ("common", "0003_walls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
