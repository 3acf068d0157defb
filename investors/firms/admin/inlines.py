"""What hangs on a firm's page: funds, holdings, members."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import RoleTabularInline
from incubator.common.enums import Sector
from investors.firms.models import FirmMember, Fund, Holding

WRITERS = (StaffGroup.MATCHING,)
MOST_KEYWORDS = 40
_PARTS = str.maketrans(dict.fromkeys(";，、\n\r", ","))


class KeywordsField(forms.CharField):
    """Words parted by commas, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget)
        super().__init__(
            required=False,
            max_length=1000,
            **{"label": _("Technologies"), "help_text": _("Korean or English, parted by commas."), **kwargs},
        )

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        words = [word.strip() for word in str(super().to_python(value)).translate(_PARTS).split(",")]
        found = [word for word in words if word]
        if len(found) > MOST_KEYWORDS:
            raise forms.ValidationError(_("At most %(count)s words."), params={"count": MOST_KEYWORDS})
        for word in found:
            if len(word) > 60:
                raise forms.ValidationError(_("“%(word)s” is too long."), params={"word": word})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or ()) != self.to_python(data)

    def validate(self, value: Any) -> None:
        """`to_python` has looked at each word."""

    def run_validators(self, value: Any) -> None:
        """`to_python` has looked at each word."""


class WrittenByService(forms.ModelForm):
    """The service checks and writes what the form says; the form hands it over as it was typed."""

    def _post_clean(self) -> None:
        """The service checks it."""

    def save(self, commit: bool = True) -> Any:
        return self.instance

    def save_m2m(self) -> None:
        """The service has written everything."""


class HoldingForm(WrittenByService):
    sectors = forms.MultipleChoiceField(
        label=_("Sectors"),
        choices=Sector.choices,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
    )
    keywords = KeywordsField()

    class Meta:
        model = Holding
        fields = ("company_name", "sectors", "keywords", "founded_on", "invested_on", "rival_confirmed")


class HoldingInline(RoleTabularInline):
    """A firm that holds a company, or a confirmed rival of it, is never matched with it."""

    model = Holding
    form = HoldingForm
    write_groups = WRITERS
    may_delete = True


class FundForm(WrittenByService):
    class Meta:
        model = Fund
        fields = ("name", "vintage_year", "size_krw", "left_krw", "left_as_of")


class FundInline(RoleTabularInline):
    """What a firm has raised, and what of it is left to invest as of a day."""

    model = Fund
    form = FundForm
    write_groups = WRITERS
    may_delete = True


class FirmMemberInline(RoleTabularInline):
    """Members come by invitation; here they leave."""

    model = FirmMember
    write_groups = WRITERS
    may_add = False
    may_delete = True
    fields = readonly_fields = ("person", "level")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FirmMember]:
        return super().get_queryset(request).select_related("user")

    @display(description=_("person"))
    def person(self, member: FirmMember) -> str:
        return f"{member.user.name} <{member.user.email}>"
