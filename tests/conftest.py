"""What holds for all tests: those that need a browser are skipped where there is none."""

from __future__ import annotations

import os

import pytest

from scraper.errors import ConfigError
from scraper.fetch.browser import find_program
from scraper.settings import FetchSettings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With SCRAPE_TEST_BROWSER=required in the environment, a missing browser is an error."""
    try:
        find_program(FetchSettings())
    except ConfigError as error:
        if os.environ.get("SCRAPE_TEST_BROWSER") == "required":
            raise
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=str(error)))
