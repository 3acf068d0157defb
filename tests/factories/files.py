"""Small files as people would upload them."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture(
    name: str = "photo.png", colour: str = "teal", size: tuple[int, int] = (32, 24)
) -> SimpleUploadedFile:
    """A real picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


def document(name: str = "evidence.pdf") -> SimpleUploadedFile:
    """The beginning of a PDF, which is all that is looked at."""
    return SimpleUploadedFile(name, b"%PDF-1.7\n%camp\n", content_type="application/pdf")
