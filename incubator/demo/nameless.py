"""Companies that are seen without their names, and a firm's calendar address."""

from investors.demoday.models import DayCompany
from investors.matching.models import Introduction
from investors.portal.meetings import renew_calendar
from tenants.companies.models import Company
from tenants.companies.services import set_visibility

from .camp import Camp

_WORDS = (
    "현장에서 몇 년 동안 모은 자료로 고장을 며칠 먼저 알려 드립니다. 세 곳에서 쓰고 있고, 한 곳은 돈을 내고 씁니다.",
    "사람이 눈으로 하던 검사를 대신합니다. 시범 사업 두 건을 마쳤고 해외 고객 한 곳과 이야기하고 있습니다.",
    "작은 기기 안에서 도는 가벼운 모델을 만듭니다. 논문 두 편과 특허 한 건이 있습니다.",
)


def make_nameless(camp: Camp) -> int:
    """The last companies that agreed to be seen and that nobody was introduced or invited hide their names."""
    busy = {
        *Introduction.objects.values_list("company_id", flat=True),
        *DayCompany.objects.values_list("company_id", flat=True),
    }
    free = [
        company
        for company in Company.objects.filter(visible_to_investors=True).order_by("-business_number")
        if company.pk not in busy and company.pk != camp.companies[0].pk
    ]
    count = camp.share(len(_WORDS))
    for company, words in zip(free[:count], _WORDS, strict=False):
        set_visibility(
            company=company, visible=True, by_name=False, teaser=words, actor=camp.director, now=camp.now
        )
    renew_calendar(firm=camp.firms[0], actor=camp.director, now=camp.now)
    return min(count, len(free))
