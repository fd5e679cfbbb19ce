"""JSON-LD in the words of schema.org."""

from __future__ import annotations

import json

from scraper.article import Article
from scraper.export.json_ld import fields, news_article
from scraper.store import Archive
from tests.export import corpus


def test_a_graph_of_articles(nasty: Archive) -> None:
    document = json.loads(corpus.exported(nasty, "jsonld"))
    assert document["@context"] == "https://schema.org"
    articles = corpus.stored(nasty)
    assert len(document["@graph"]) == len(articles)
    for node, article in zip(document["@graph"], articles, strict=True):
        assert node["@type"] == "NewsArticle"
        assert (node.get("headline"), node["articleBody"], node["url"]) == (article.headline, article.body, article.url)
        assert [one["name"] for one in node.get("author", ())] == list(article.authors)
        capture = article.capture
        assert capture
        assert node["isBasedOn"]["archivedAt"] == f"urn:sha256:{capture.sha256}"
        assert node["isBasedOn"]["encoding"]["sha256"] == capture.sha256
        assert node["isBasedOn"]["encoding"]["uploadDate"] == article.as_dict()["capture"]["fetched_at"]
        assert None not in node.values()


def test_no_article_at_all(nasty: Archive) -> None:
    document = json.loads(corpus.exported(nasty, "jsonld", site="nowhere.example"))
    assert document == {"@context": "https://schema.org", "@graph": []}


def test_authors_are_people_bodies_or_neither() -> None:
    authors = news_article(Article(authors=("Ada Bell", "Reuters", "redaktion"), language="en"))["author"]
    assert authors == [
        {"@type": "Person", "name": "Ada Bell", "givenName": "Ada", "familyName": "Bell"},
        {"@type": "Organization", "name": "Reuters"},
        {"name": "redaktion"},
    ]


def test_a_paywall_is_told() -> None:
    assert news_article(Article(verdict="paywall"))["isAccessibleForFree"] is False
    assert "isAccessibleForFree" not in news_article(Article(verdict="ok"))


def test_the_dictionary_names_what_is_there(nasty: Archive) -> None:
    nodes = json.loads(corpus.exported(nasty, "jsonld"))["@graph"]
    names = {name for node in nodes for name in node if name not in ("@type", "isBasedOn")}
    assert names <= {field.name.partition(".")[0] for field in fields()}
