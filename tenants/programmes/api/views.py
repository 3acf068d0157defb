"""Programmes for machines: companies list them, sign up and leave."""

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.accounts.acting import acting_of
from incubator.accounts.api import ReadOfCompanies
from incubator.accounts.enums import Kind
from incubator.common.api import CampViewSet, created
from incubator.common.errors import NotAllowed
from tenants.companies import selectors as companies
from tenants.programmes import selectors, services
from tenants.programmes.errors import PersonNotMember, ProgrammeUnknown
from tenants.programmes.models import Programme, SignUp

from .serializers import LeaveSerializer, NewSignUpSerializer, ProgrammeSerializer, SignUpSerializer


class ProgrammeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, CampViewSet):
    queryset = Programme.objects.none()
    serializer_class = ProgrammeSerializer
    filterset_fields = ["state", "kind", "topic"]

    def get_queryset(self) -> QuerySet[Programme]:
        meetings = selectors.meetings_for(self.request.user).select_related("room").order_by("period", "pk")
        return (
            selectors.programmes_for(self.request.user)
            .with_teacher()
            .prefetch_related(Prefetch("meetings", meetings))
        )


class SignUpViewSet(ReadOfCompanies):
    """Who takes part. POST signs up; POST to `leave` gives the seat back and keeps the record."""

    queryset = SignUp.objects.none()
    serializer_class = SignUpSerializer
    noted = Kind.ADVISER
    task = "programme participants by API"
    filterset_fields = ["programme", "company", "state"]

    def get_queryset(self) -> QuerySet[SignUp]:
        return selectors.sign_ups_for(self.request.user)

    @extend_schema(request=NewSignUpSerializer, responses={201: SignUpSerializer})
    def create(self, request: Request) -> Response:
        acting = acting_of(request.user)
        if acting.kind != Kind.FOUNDER or acting.scope_id is None:
            raise NotAllowed
        asked = NewSignUpSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        programme = selectors.programmes_for(request.user).filter(pk=wanted["programme"]).first()
        if programme is None:
            raise ProgrammeUnknown
        member = (
            companies.members_for(request.user)
            .filter(company=acting.scope_id, user=wanted.get("person") or request.user.pk)
            .select_related("user")
            .first()
        )
        if member is None:
            raise PersonNotMember
        made = services.sign_up(
            programme=programme,
            company=companies.companies_for(request.user).get(pk=acting.scope_id),
            person=member.user,
            wait=wanted["wait"],
            actor=request.user,
            now=timezone.now(),
        )
        return created(SignUpSerializer(made).data, reverse("api:sign-up-detail", args=[made.pk]))

    @extend_schema(request=LeaveSerializer, responses=SignUpSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        found = self.get_object()
        found.company = get_object_or_404(companies.companies_for(request.user), pk=found.company_id)
        asked = LeaveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ended = services.leave(
            sign_up=found,
            reason=asked.validated_data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        return Response(SignUpSerializer(ended).data)
