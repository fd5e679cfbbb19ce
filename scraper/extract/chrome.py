"""Telling what the site puts around an article from the article: captions, bylines, teasers, share bars, comments."""

from __future__ import annotations

import re

from scraper.extract.outline import Block, Box, Outline
from scraper.extract.wording import folded

# Words in class, id, role and itemprop that name a part which is never the article's text.
_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
      captions?|wp-caption-text|credits?|copyright|byline|dateline|authors?|author-?(?:box|bio|info|name)|posted-on|entry-meta|post-meta
    | article-meta|share|sharing|sharedaddy|social|addtoany|newsletter|subscribe|subscription|signup|sign-up|promo(?:tion)?
    | related|relatedposts|recommended|recommendations|read-?(?:also|more|next)|more-?stories|most-?(?:read|popular)|popular|trending
    | outbrain|taboola|sponsored|advert(?:isement)?s?|ads?|adsbygoogle|banner|cookies?|consent|gdpr
    | comments?|comment-respond|respond|disqus|breadcrumbs?|tags?|tag-?(?:list|links|cloud)|taxonomy|pagination|pager|post-?navigation
    | sidebar|widget(?:-area)?|menu|navbar|toolbar|masthead|site-?(?:header|footer)|footer|skip-?links?|print-?only|screen-reader-text
    | visually-hidden|sr-only
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_TAGS = frozenset(("nav", "footer", "aside", "form", "figcaption", "address", "dialog"))

# A line that opens a part after or inside the article, in the languages of the pages seen; compared folded and whole.
LABELS_END = frozenset(
    folded(label)
    for label in """Leave a Reply|Leave a Comment|Leave a comment|Post a comment|Comments|Join the conversation|Add comment
    Cancel reply|Share this|Share this:|Share|Share this article|Share this story|Share on|Follow us|Tags|Tags:|Topics|Filed under
    About the author|Newsletter|Sign up for our newsletter|Subscribe to our newsletter|Advertisement|Advertising|Sponsored
    Коментарі|Залишити коментар|Поділитися|Комментарии|Оставить комментарий|Поделиться|Теги|Реклама
    Kommentare|Kommentar schreiben|Teilen|Schlagwörter|Anzeige|Commentaires|Laisser un commentaire|Partager|Publicité
    Comentarios|Deja un comentario|Deja una respuesta|Compartir|Publicidad|Etiquetas|Commenti|Lascia un commento|Condividi|Pubblicità
    Comentários|Deixe um comentário|Compartilhar|Komentarze|Dodaj komentarz|Udostępnij|Yorumlar|Paylaş
    تعليقات|اترك تعليقا|التعليقات|شارك|مشاركة|إعلان|תגובות|השאר תגובה|שתפו|コメント|シェア|评论|分享|댓글|공유""".replace(
        "\n", "|"
    ).split("|")
    if folded(label)
)
_TEASER = re.compile(
    r"^(?:read\s+(?:also|more|next|the\s+full)|also\s+read|see\s+also|more\s*:|related\s*:|watch\s*:|listen\s*:|recommended\s*:"
    r"|lesen\s+sie\s+auch|mehr\s+zum\s+thema|lire\s+aussi|à\s+lire\s+aussi|voir\s+aussi|lea\s+(?:también|además)|te\s+puede\s+interesar"
    r"|leggi\s+anche|leia\s+(?:também|mais)|lees\s+ook|läs\s+(?:också|mer)|les\s+også|læs\s+også|czytaj\s+(?:też|także|również)"
    r"|читайте\s+также|читайте\s+також|читати\s+також|дивіться\s+також|смотрите\s+также|اقرأ\s+أيض|قد\s+يهمك|קראו\s+(?:גם|עוד)|関連記事|相关阅读|延伸阅读)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^(?:photo(?:graph)?s?|image|picture|pic|foto|bild|photo\s+credit|credit|фото|صورة|תמונה|写真)\s*(?:credit|by|courtesy)?\s*[:：/|]",
    re.IGNORECASE,
)


def names_chrome(box: Box) -> bool:
    """True when the element's tag or the words its author named it with say that it is not the article's text."""
    return box.tag in _TAGS or bool(box.names and _NAMES.search(box.names))


def chrome_reason(block: Block, outline: Outline, container: frozenset[int]) -> str | None:
    """Why a block is not the article's text, or None. `container` holds the boxes around the whole text: not evidence."""
    if block.hidden:
        return "not shown on the page"
    if block.kind == "caption":
        return "a caption"
    for box in outline.ancestors(block.box):
        if box.index in container:
            break
        if names_chrome(box):
            return f"inside <{box.tag}> {box.names[:40]}".rstrip()
    text = block.text
    if folded(text) in LABELS_END:
        return "a label of the page around the article"
    if len(text) < 300 and _CREDIT.match(text):
        return "a picture credit"
    if block.link_share > 0.4 and len(text) < 400 and _TEASER.match(text):
        return "a teaser for another article"
    return None
