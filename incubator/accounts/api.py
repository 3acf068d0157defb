"""What the domains' viewsets share that knows people."""

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incubator.audit.services import note_access
from incubator.common.api import CampViewSet

from .acting import acting_of


class ReadOfCompanies(ListModelMixin, RetrieveModelMixin, CampViewSet):
    """Rows that each have a `company`: whose company somebody of the `noted` kind reads of is logged, as `task`."""

    noted: ClassVar[str]
    task: ClassVar[str] = ""

    @property
    def _kind(self) -> str:
        return acting_of(self.request.user).kind

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().list(request, *args, **kwargs)
        self._note(row["company"] for row in response.data["results"])
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().retrieve(request, *args, **kwargs)
        self._note([response.data["company"]])
        return response

    def _note(self, company_ids: Iterable[int]) -> None:
        if self._kind == self.noted:
            note_access(self.request, "company", company_ids, task=self.task)
