"""Papers, issued through the service."""

from datetime import datetime
from typing import Any

from tenants.companies.models import Company
from tenants.papers.models import Paper
from tenants.papers.services import issue_paper

WORDS = {"spaces": "사용 공간", "space": "호실", "area": "면적", "period": "기간"}


def certificate(company: Company, rows: int = 1, **more: Any) -> dict[str, Any]:
    """What the template of a certificate of residency reads."""
    return {
        "face": [["기업", company.name], ["용도", "은행 제출"]],
        "words": WORDS,
        "spaces": [
            {"place": f"창업동 {number}호", "area": "33.06 ㎡", "period": "2026. 1. 1. – 2026. 12. 31."}
            for number in range(401, 401 + rows)
        ],
        "statement": "위 기업이 입주하고 있음을 확인합니다.",
        **more,
    }


def make_paper(company: Company, now: datetime, *, actor: Any = None, **more: Any) -> Paper:
    values = {
        "kind": "residency",
        "template": "papers/residency.typ",
        "title": "입주확인서",
        "language": "ko",
        "content": certificate(company),
        **more,
    }
    return issue_paper(company=company, actor=actor, now=now, **values)
