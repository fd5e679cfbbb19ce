"""The Python interface: what `from scraper import …` gives, whatever was imported before."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import scraper
from scraper import Archive, extract
from scraper.article import Article
from tests.fixtures import fixture

SEED = fixture("kherson-monitor/seed-with-metadata")


@pytest.mark.parametrize(
    "first",
    [
        "from scraper import extract",
        "import scraper.extract\nfrom scraper import extract",
        "from scraper.extract import load_site_files\nload_site_files()\nfrom scraper import extract",
        "import scraper\nextract = scraper.extract",
        "from scraper import Archive, extract\nfrom scraper.extract import extract as same\nassert extract is same",
    ],
    ids=lambda code: code.replace("\n", "; "),
)
def test_extract_is_the_function(first: str) -> None:
    code = f"{first}\nprint(extract(b'<h1>News</h1>', url='http://x.example/').headline)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "News\n"), done.stderr


def test_it_can_be_sent_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(extract)) is extract


def test_bytes_in_article_out() -> None:
    article = extract(SEED.page, url=SEED.url)
    assert isinstance(article, Article)
    assert article.headline == SEED.expected["headline"]
    assert pickle.loads(pickle.dumps(article)) == article


def test_bad_html_raises_nothing() -> None:
    assert extract(b"\x00\xff<<<").verdict in ("empty", "not_article")


def test_reading_an_archive(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        assert list(archive.articles()) == []


def test_what_there_is() -> None:
    assert set(scraper.__all__) == {"Archive", "__version__", "extract"}
    assert all(hasattr(scraper, name) for name in scraper.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = scraper.nonsense
