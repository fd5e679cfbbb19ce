"""The examples of docs/site-files.md and the README's site file are valid as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scraper.extract.sitefiles import load_site_file
from scraper.extract.sitefiles.checking import LAYOUT_KEYS, RULE_KEYS
from scraper.extract.sitefiles.schema import ALL_FIELDS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = [text for text in re.findall(r"```toml\n(.*?)```", f"{GUIDE}\n{README}", re.DOTALL) if text.startswith("name")]


def test_there_are_examples() -> None:
    assert len(FILES) == 2


@pytest.mark.parametrize("text", FILES)
def test_an_example_is_a_site_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    assert load_site_file(path).name == "Harbour Courier"


def test_every_key_and_field_is_described() -> None:
    assert not [key for key in RULE_KEYS if f"| `{key}` |" not in GUIDE]
    assert not [key for key in LAYOUT_KEYS if key not in FILES[0] and key != "fields"]
    assert not [field for field in ALL_FIELDS if f"`{field}`" not in GUIDE]
