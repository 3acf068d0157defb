from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Sector
from incubator.common.forms import WonField

from .enums import MemberLevel
from .models import Company

MOST_WON = 10**15


class ProfileForm(forms.ModelForm):
    """What a company tells of itself. Knows every field of PROFILE_FIELDS, and the picture beside them."""

    sectors = forms.MultipleChoiceField(
        label=_("Sectors"), choices=Sector.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    revenue_krw = WonField(
        label=_("Yearly revenue, won"),
        required=False,
        max_value=MOST_WON,
        help_text=_("Investors do not see this."),
    )
    ask_krw = WonField(
        label=_("Investment sought, won"),
        required=False,
        min_value=1,
        max_value=MOST_WON,
        help_text=_("Leave it empty when you seek none."),
    )
    homepage = forms.URLField(
        label=_("Homepage"),
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text=_("For example https://example.kr"),
    )
    employees = forms.IntegerField(label=_("Employees"), min_value=0, max_value=100_000)
    picture_file = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 5 MB. It replaces the one that is there."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove_picture = forms.BooleanField(label=_("Show no picture"), required=False)

    class Meta:
        model = Company
        fields = (
            "summary",
            "sectors",
            "stage",
            "region",
            "employees",
            "ask_krw",
            "revenue_krw",
            "homepage",
            "name_en",
            "representative",
            "email",
        )
        labels = {
            "summary": _("What you do"),
            "stage": _("Stage"),
            "region": _("Region"),
            "name_en": _("English name"),
            "representative": _("Representative"),
            "email": _("Contact e-mail"),
        }
        help_texts = {
            "summary": _(
                "In two or three sentences: for whom, which problem, how. At most 2,000 characters."
            ),
        }
        widgets = {"summary": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.picture:
            del self.fields["remove_picture"]

    @property
    def profile(self) -> dict[str, Any]:
        """The values for `services.edit_profile`."""
        return {field: self.cleaned_data[field] for field in self.Meta.fields}

    def _post_clean(self) -> None:
        """The service checks the instance, and puts the values there itself."""


class InviteColleagueForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The invitation is sent to this address and works once."),
    )
    level = forms.ChoiceField(
        label=_("Level"),
        choices=MemberLevel.choices,
        initial=MemberLevel.MEMBER,
        help_text=_("An owner also invites colleagues and decides what investors may see."),
    )
