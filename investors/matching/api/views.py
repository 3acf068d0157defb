from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.api import ReadOfCompanies
from incubator.accounts.enums import Kind
from incubator.common.api import created
from incubator.common.errors import NotAllowed
from investors.matching import rules, selectors, services
from investors.matching.models import Introduction, Match

from .serializers import (
    AnswerSerializer,
    FullIntroductionSerializer,
    IntroduceSerializer,
    IntroductionSerializer,
    MatchSerializer,
    StaffMatchSerializer,
)


class MatchViewSet(ReadOfCompanies):
    """Matches with their reasons: all for staff, the published ones for the company and the firm of each."""

    queryset = Match.objects.none()
    noted = Kind.INVESTOR
    task = "matches by API"
    filterset_fields = ("run", "company", "firm")

    def get_queryset(self) -> QuerySet[Match]:
        found = selectors.matches_for(self.request.user)
        return found if self._kind == Kind.STAFF else found.defer(*Match.PRIVATE_FIELDS)

    def get_serializer_class(self) -> type[MatchSerializer]:
        return StaffMatchSerializer if self._kind == Kind.STAFF else MatchSerializer


class IntroductionViewSet(ReadOfCompanies):
    """Introductions. Staff POST one for a match; the company POSTs its answer."""

    queryset = Introduction.objects.none()
    noted = Kind.INVESTOR
    task = "introductions by API"
    filterset_fields = ("state", "company", "firm")

    def get_queryset(self) -> QuerySet[Introduction]:
        found = selectors.introductions_for(self.request.user)
        return found.defer(*Introduction.PRIVATE_FIELDS) if self._kind == Kind.INVESTOR else found

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        if self.action in ("create", "answer"):
            return {"create": IntroduceSerializer, "answer": AnswerSerializer}[self.action]
        return IntroductionSerializer if self._kind == Kind.INVESTOR else FullIntroductionSerializer

    @extend_schema(responses={201: FullIntroductionSerializer})
    def create(self, request: Request) -> Response:
        if not rules.may_match(request.user):
            raise NotAllowed
        given = self._given(request)
        match = get_object_or_404(selectors.matches_for(request.user), pk=given.pop("match"))
        introduction = services.introduce(
            match=match,
            **given,
            actor=request.user,
            now=timezone.now(),
        )
        location = reverse("api:introduction-detail", args=[introduction.pk])
        return created(FullIntroductionSerializer(introduction).data, location)

    @extend_schema(responses=FullIntroductionSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        introduction = self.get_object()
        answered = services.answer_introduction(
            introduction=introduction, **self._given(request), actor=request.user, now=timezone.now()
        )
        return Response(FullIntroductionSerializer(answered).data)
