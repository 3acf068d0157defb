"""The few third-party files that pages load, out of `node_modules`, and the compiled translations."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polib

from incubator.running.environment import PROJECT

_KRDS = Path("krds-uiux/resources")
_FONTS = [f"PretendardGOV-{weight}.subset.woff2" for weight in ("Regular", "Medium", "Bold")]
# Papers are set by Typst, which reads no WOFF2, in a font with all 11,172 syllables: names take the rarest of them.
_PAPER = Path("pretendard/dist/public/static")
_PAPER_FONTS = [f"Pretendard-{weight}.otf" for weight in ("Regular", "Medium", "Bold")]
# What Pretendard does not draw, Hanja above all, comes from a font that does.
_HANJA = Path("@expo-google-fonts/noto-sans-kr")
_HANJA_FONTS = [f"{folder}/NotoSansKR_{folder}.ttf" for folder in ("400Regular", "700Bold")]
VENDORED = {
    _KRDS / "css/token/krds_tokens.css": Path("krds/css/token/krds_tokens.css"),
    **{_KRDS / "fonts" / font: Path("krds/fonts") / font for font in _FONTS},
    **{_PAPER / font: Path("paper") / font for font in _PAPER_FONTS},
    **{_HANJA / font: Path("paper") / Path(font).name for font in _HANJA_FONTS},
}
"""Path below `node_modules` → path below `VAR/assets`; settings serve `assets/krds` as `vendor/krds`."""


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime_ns < source.stat().st_mtime_ns


def copy_assets(var: Path) -> int:
    """Bring `VAR/assets` up to date with `node_modules`; how many files were copied."""
    copied = 0
    for source, target in VENDORED.items():
        found, made = PROJECT / "node_modules" / source, var / "assets" / target
        if _is_newer(found, made):
            made.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, made)
            copied += 1
    return copied


def compile_translations(root: Path = PROJECT / "locale") -> int:
    """Make each `django.mo` that is missing or older than its `django.po`; how many were made."""
    compiled = 0
    for catalogue in sorted(root.glob("*/LC_MESSAGES/*.po")):
        made = catalogue.with_suffix(".mo")
        if _is_newer(catalogue, made):
            unfinished = made.with_name(f".{made.name}.{os.getpid()}")
            polib.pofile(str(catalogue)).save_as_mofile(str(unfinished))
            unfinished.replace(made)  # another command may be reading the old one
            compiled += 1
    return compiled
