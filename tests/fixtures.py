"""The golden fixtures: pages with what a careful reader says they are. Conventions: `tests/fixtures/README.md`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("fixtures")


@dataclass(frozen=True)
class Fixture:
    """One page with its truth."""

    folder: Path

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @cached_property
    def meta(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "meta.json").read_text(encoding="utf-8")))

    @cached_property
    def expected(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "expected.json").read_text(encoding="utf-8")))

    @property
    def url(self) -> str:
        return str(self.meta["url"])

    @property
    def fetched_at(self) -> datetime:
        return datetime.fromisoformat(self.meta["fetched_at"])

    @cached_property
    def page(self) -> bytes:
        """The bytes as a server sent them."""
        demo = str(self.meta.get("page", ""))
        if demo.startswith("demo:"):
            return (resources.files("scraper.demo") / "site" / demo.removeprefix("demo:")).read_bytes()
        path = next(self.folder.glob("page.*"))
        return path.read_bytes()


FIXTURES = [Fixture(path.parent) for path in sorted(FOLDER.glob("*/*/meta.json"))]


def fixture(name: str) -> Fixture:
    return next(f for f in FIXTURES if f.name == name)
