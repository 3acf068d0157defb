"""What founders fill in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .enums import Urgency
from .models import TEXT, Category

PICTURES = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of photographs; cleans to a list. What they really are is told when they are kept."""

    widget = ManyFiles(attrs={"multiple": True, "accept": PICTURES})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data]
        single = super().clean
        return [single(file, initial) for file in files if file]


def photos_field() -> PhotosField:
    return PhotosField(
        label=_("Photographs"),
        help_text=_("At most six, 20 MB each: JPEG, PNG, WebP or HEIC. Where they were taken is removed."),
        required=False,
    )


def text_field(label: Any, **values: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=TEXT, widget=forms.Textarea(attrs={"rows": 5}), **values)


class CategoryChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.display_name)


class ReportForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    category = CategoryChoice(
        label=_("What is it about"), queryset=Category.objects.none(), empty_label=_("Please choose")
    )
    title = forms.CharField(label=_("In one line"), max_length=120)
    text = text_field(_("What happened, or what would help"))
    place = forms.ChoiceField(label=_("Place"), required=False)
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, initial=Urgency.NORMAL, widget=forms.RadioSelect
    )
    photos = photos_field()

    def __init__(self, *args: Any, categories: Any, places: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["category"]
        chosen.queryset = categories
        where: Any = self.fields["place"]
        where.choices = [("", _("No place in particular")), *((place, place) for place in places)]


class CommentForm(forms.Form):
    text = text_field(_("Your message"))
    photos = photos_field()


class UnsolvedForm(forms.Form):
    text = text_field(_("What is still wrong"))
    photos = photos_field()


class SolvedForm(forms.Form):
    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are you"),
        choices=[
            ("", _("No answer")),
            (5, _("5, very")),
            (4, "4"),
            (3, "3"),
            (2, "2"),
            (1, _("1, not at all")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    text = forms.CharField(label=_("Anything to add"), max_length=TEXT, required=False)

    def clean_satisfaction(self) -> int | None:
        given = self.cleaned_data["satisfaction"]
        if given is not None and given not in range(1, 6):
            raise ValidationError(_("Please choose from 1 to 5."))
        return given
