"""The body: which text is chosen, and what is taken out of it."""

from __future__ import annotations

import pytest

from tests.extract.pages import BODY, HEADLINE, PARAGRAPHS, TEXT, folded_paragraphs, ld, page, read


def paragraphs(html: str) -> list[str]:
    return folded_paragraphs(read(html).article.body)


def test_plain_page() -> None:
    result = read(page())
    assert result.article.body == BODY
    assert result.article.body_html == "\n".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    assert result.article.verdict == "ok"
    assert result.article.word_count == sum(len(p.replace("-", " ").split()) for p in PARAGRAPHS)


def test_text_only_in_json_ld_is_used() -> None:
    html = page(text="", head=ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": BODY}))
    article = read(html).article
    assert article.body == BODY
    assert article.provenance["body"].source == "json_ld"


@pytest.mark.parametrize("stated", [BODY[:300] + "…", " ".join(PARAGRAPHS), BODY])
def test_a_cut_or_flat_article_body_loses_to_the_page(stated: str) -> None:
    html = page(head=ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": stated}))
    result = read(html)
    assert result.article.body == BODY
    assert any(source == "json_ld" for source, _, _ in result.body.considered)


def test_json_ld_body_beats_a_teaser_on_the_page() -> None:
    html = page(
        text=f"<p>{PARAGRAPHS[0]}</p>", head=ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": BODY * 3})
    )
    article = read(html).article
    assert article.word_count > 300
    assert article.provenance["body"].reason == "much more text than the visible page shows"


def test_an_article_that_a_script_would_show() -> None:
    html = page(text=f'<div style="display:none" id=story>{TEXT}</div>')
    assert paragraphs(html) == list(PARAGRAPHS)


def test_a_hidden_box_in_a_shown_article_is_left_out() -> None:
    html = page(
        text=TEXT
        + '<p style="display:none">Thank you for reading this, you have two free articles left this month.</p>'
    )
    assert paragraphs(html) == list(PARAGRAPHS)


CHROME = [
    "<div class='share-bar'><p>Share this story with everyone you know on all the networks.</p></div>",
    "<div class='sharedaddy'><h3>Share this:</h3><ul><li><a href=//t.example>Tweet</a></li></ul></div>",
    "<aside class=newsletter><p>Sign up for our newsletter and read about the sea every morning.</p></aside>",
    "<div class='newsletter-signup'><h4>Newsletter</h4><p>Get the best of the coast every day in your inbox.</p></div>",
    "<form class=signup><p>Your address is safe with us, we promise never to sell it.</p><input></form>",
    "<div class=related><h3>Related</h3><ul><li><a href=/a>Bus strike ends after a long week</a></ul></div>",
    "<div class='read-more'><a href=/b>Harbour wall to be rebuilt in stone, says council</a></div>",
    "<p>Read also: <a href=/b>Harbour wall to be rebuilt in stone, says the council</a></p>",
    "<p>Lesen Sie auch: <a href=/b>Die Mauer am Hafen wird aus Stein gebaut</a></p>",
    "<p>Читайте також: <a href=/b>Стіну порту відбудують з каменю, каже рада</a></p>",
    "<figure><img src=/b.jpg><figcaption>The boat leaves the harbour on its first evening.</figcaption></figure>",
    "<p class=wp-caption-text>The boat leaves the harbour on its first evening.</p>",
    "<p>Photo: Bo Ek / The Gazette</p>",
    "<div class=advertisement><p>Buy our boats, the best boats of the whole coast.</p></div>",
    "<p>Advertisement</p>",
    "<script>var x = 'The boat leaves the harbour';</script>",
    "<style>p{content:'The boat leaves'}</style>",
    "<noscript><p>Please enable scripts to see the picture of the boat here.</p></noscript>",
    "<nav><a href=/>Home</a> <a href=/sea>Sea</a></nav>",
    "<iframe src=//v.example>The boat leaves the harbour</iframe>",
    "<div class='screen-reader-text'>Skip to the next part of this page, please</div>",
    "<button>Load more of this story of the sea</button>",
]


@pytest.mark.parametrize("chrome", CHROME)
def test_chrome_between_paragraphs_is_dropped(chrome: str) -> None:
    first, rest = TEXT.split("\n", 1)
    assert paragraphs(page(text=f"{first}\n{chrome}\n{rest}")) == list(PARAGRAPHS)


BELOW = [
    "<section class=comments><h3>Leave a Reply</h3><form><p>Your e-mail will not be published, "
    "ever.</p></form></section>",
    "<div id=comments><h3>2 comments</h3><p>I like the boat very much, it is big and blue and fast.</p></div>",
    "<div id=respond><h3>Leave a Reply</h3><p>Required fields are marked with a star, all of them.</p></div>",
    "<footer><p>All rights reserved by the company that owns this paper and its pages.</p></footer>",
    "<div class=tags>Tags: <a href=/tag/a>ferry</a>, <a href=/tag/b>islands</a></div>",
    "<div class=author-box><p>Ann Lee writes about boats and the sea and has won many prizes for it.</p></div>",
    "<aside><h3>Most read</h3><ol><li><a href=/c>Cat found on the roof of the town hall</a></ol></aside>",
]


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("inside", [True, False], ids=["in-article", "after-article"])
def test_chrome_after_the_text_is_dropped(below: str, inside: bool) -> None:
    html = page(text=TEXT + below) if inside else page(below=below)
    assert paragraphs(html) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "byline",
    [
        "<p>By Ann Lee</p>",
        "<p>May 3, 2024</p>",
        "<p>By Ann Lee | May 3, 2024</p>",
        "<h2>Ferry returns to the old harbour</h2>",
    ],
)
def test_headline_and_byline_are_not_in_the_body(byline: str) -> None:
    html = f"<html><title>{HEADLINE}</title><body><div><h1>{HEADLINE}</h1>{byline}{TEXT}</div>"
    assert paragraphs(html) == list(PARAGRAPHS)


def test_one_undivided_div_with_line_breaks() -> None:
    html = page(text="<br><br>\n".join(PARAGRAPHS))
    assert paragraphs(html) == list(PARAGRAPHS)


def test_subheadings_quotes_and_lists_are_kept_in_order() -> None:
    text = (
        f"<p>{PARAGRAPHS[0]}</p><h2>The wait</h2><p>{PARAGRAPHS[1]}</p><blockquote><p>We are very happy, she said.</p>"
        f"</blockquote><p>{PARAGRAPHS[2]}</p><ul><li>Monday to Friday: two boats a day</li><li>Sunday: "
        f"one boat only</li></ul>"
        f"<p>{PARAGRAPHS[3]}</p>"
    )
    article = read(page(text=text)).article
    assert folded_paragraphs(article.body) == [
        PARAGRAPHS[0],
        "The wait",
        PARAGRAPHS[1],
        "We are very happy, she said.",
        PARAGRAPHS[2],
        "Monday to Friday: two boats a day",
        "Sunday: one boat only",
        PARAGRAPHS[3],
    ]
    assert "<h2>The wait</h2>" in (article.body_html or "")
    assert "<blockquote><p>We are very happy, she said.</p></blockquote>" in (article.body_html or "")
    assert "<ul><li>Monday to Friday: two boats a day</li><li>Sunday: one boat only</li></ul>" in (
        article.body_html or ""
    )


def test_a_list_article() -> None:
    items = "".join(f"<h2>{i}. The beach of village {i}</h2><p>{p}</p>" for i, p in enumerate(PARAGRAPHS, 1))
    found = paragraphs(page(text=items))
    assert [line for line in found if line in PARAGRAPHS] == list(PARAGRAPHS)
    assert [line for line in found if "beach of village" in line] == [
        f"{i}. The beach of village {i}" for i in range(1, 6)
    ]


def test_questions_and_answers() -> None:
    pairs = "".join(f"<p><b>What happens in year {i}?</b></p><p>{p}</p>" for i, p in enumerate(PARAGRAPHS, 1))
    found = paragraphs(page(text=pairs))
    assert len(found) == 10
    assert found[0] == "What happens in year 1?"


def test_links_in_prose_keep_their_text() -> None:
    text = TEXT.replace("ferry company", '<a href="/company">ferry company</a>')
    article = read(page(text=text)).article
    assert article.body == BODY
    assert '<a href="https://www.gazette.example/company">ferry company</a>' in (article.body_html or "")


def test_what_was_dropped_is_told() -> None:
    result = read(page(text=TEXT + "<p class=wp-caption-text>The boat leaves.</p><p>Photo: Bo Ek</p>"))
    assert all(reason for _, reason in result.body.dropped)


def test_an_empty_body_has_a_reason_and_no_false_winner() -> None:
    result = read("<html><body><nav>Home</nav></body></html>")
    assert result.article.provenance["body"].reason
    assert all(outcome != "won" for _, words, outcome in result.body.considered if not words)


def test_the_standfirst_the_page_states_is_part_of_the_text() -> None:
    lead = "After three winters the evening boat is back, and the islands are glad of it."
    html = page(head=f'<meta name=description content="{lead}">', byline=f"<p class=standfirst>{lead}</p>")
    assert paragraphs(html) == [lead, *PARAGRAPHS]
