"""The packaged site files against the fixtures written in their outlets' layouts."""

from __future__ import annotations

import pytest

from scraper.extract import SiteFiles, extract, load_site_files
from scraper.extract.sitefiles.comparing import outcomes
from tests.fixtures import FIXTURES, Fixture

COVERED = [f for f in FIXTURES if f.meta["site_file"] and f.meta.get("status", 200) == 200]


def test_every_file_has_a_fixture() -> None:
    sites = load_site_files()
    tried = {file.path for f in COVERED if (file := sites.for_url(f.url))}
    assert {file.path for file in sites.files} - tried == set()


@pytest.mark.parametrize("page", COVERED, ids=[f.name for f in COVERED])
def test_a_file_makes_nothing_worse(page: Fixture) -> None:
    generic, with_file = (
        extract(page.page, url=page.url, captured_at=page.fetched_at, sites=sites)
        for sites in (SiteFiles(), load_site_files())
    )
    assert [one for one in outcomes(page.expected, generic, with_file) if one.failed] == []
