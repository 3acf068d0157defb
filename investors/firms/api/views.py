from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from incubator.common.api import CampViewSet
from investors.firms import selectors
from investors.firms.models import Firm

from .serializers import FirmSerializer


class FirmViewSet(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Firms with what they look for and hold: all of them for staff, an investor's own."""

    queryset = Firm.objects.none()
    serializer_class = FirmSerializer
    filterset_fields = ("kind", "active")

    def get_queryset(self) -> QuerySet[Firm]:
        firms = selectors.firms_for(self.request.user)
        return firms.select_related("mandate").prefetch_related("holdings", "funds")
