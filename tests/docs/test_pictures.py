"""The pictures in README and docs/: each is there, small, and described for those who do not see it."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
MOST_BYTES = 150_000


def pictures() -> list[tuple[Path, str, str]]:
    """The page, the text in a picture's place, and where the picture is."""
    return [(page, *found) for page in PAGES for found in PICTURE.findall(page.read_text(encoding="utf-8"))]


def test_there_are_some() -> None:
    assert {page.name for page, _, _ in pictures()} >= {"README.md", "web.md"}


@pytest.mark.parametrize(("page", "text", "place"), pictures(), ids=lambda value: str(value)[-40:])
def test_a_picture(page: Path, text: str, place: str) -> None:
    file = (page.parent / place).resolve()
    assert file.is_relative_to(ROOT / "docs" / "images")
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) < MOST_BYTES
    width, height = struct.unpack(">II", content[16:24])
    assert 300 <= width <= 1_600
    assert 300 <= height <= 2_000
    # What it shows, not that it is a picture.
    assert len(text.split()) >= 6
    assert not re.match(r"(?i)(a )?(picture|image|screenshot)\b", text)


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(page.parent / place).resolve() for page, _, place in pictures()}
    assert {path.resolve() for path in (ROOT / "docs" / "images").iterdir()} == shown


def test_no_html_pictures_escape_this() -> None:
    assert not [page.name for page in PAGES if "<img" in re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))]
