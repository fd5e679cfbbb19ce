"""The words by which pages of many languages announce what is not the article: labels of lists, boxes and forms."""

from __future__ import annotations

import re

from scraper.extract.wording import count_words, folded

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
TEASER = re.compile(
    r"^(?:read\s+(?:also|more|next|the\s+full)|also\s+read|see\s+also|more\s*:|related\s*:|watch\s*:|listen\s*:|recommended\s*:"
    r"|lesen\s+sie\s+auch|mehr\s+zum\s+thema|lire\s+aussi|à\s+lire\s+aussi|voir\s+aussi|lea\s+(?:también|además)|te\s+puede\s+interesar"
    r"|leggi\s+anche|leia\s+(?:também|mais)|lees\s+ook|läs\s+(?:också|mer)|les\s+også|læs\s+også|czytaj\s+(?:też|także|również)"
    r"|читайте\s+также|читайте\s+також|читати\s+також|дивіться\s+також|смотрите\s+также|اقرأ\s+أيض|قد\s+يهمك|קראו\s+(?:גם|עוד)|関連記事|相关阅读|延伸阅读)",
    re.IGNORECASE,
)
# Searched in the folded label of a list of links.
RELATED_LABEL = re.compile(
    r"""related|read\s?(?:more|also|next|on)|(?:see|also)\s(?:also|read)|more\son\sth|more\sfrom|you\s(?:may|might|ll)|recommended|similar|further\s
    |keep\sreading|up\snext|next\s(?:article|story|post)|previous\s(?:article|story|post)|more\slike|in\sthis\sseries|don\s?t\smiss|what\sto\sread
    |mehr\szum|lesen\ssie|auch\sinteressant|verwandte|passend|zum\sthema|weitere\sartikel|das\skönnte|empfohlen|empfehlung
    |à\slire|lire\saussi|sur\sle\smême|voir\saussi|articles\sliés|vous\saimerez|relacionad|te\spuede|lea\stambi|más\ssobre|le\spuede
    |leggi\sanche|correlat|potrebbe|approfondi|leia|veja\stamb|lees\sook|meer\sover|gerelateerd|läs\s(?:också|mer|även)|les\sogså|læs\sogså|relater
    |czytaj|zobacz|powiązane|polecam|читайте|за\sтемою|по\sтеме|схожі|похожие|пов\sязан|матеріали\sза|дивіться\sтакож|новини\sпо\sтемі
    |ilgili|إقرأ|اقرأ|ذات\sصلة|مواضيع|قد\sيعجب|قراءة\sالمزيد|קראו|כתבות\sנוספות|עוד\sבנושא|関連|相关|相關|延伸阅读|관련|संबंधित""",
    re.IGNORECASE | re.VERBOSE,
)
POPULAR_LABEL = re.compile(
    r"""popular|most\s?(?:read|viewed|popular|shared|discussed|recent)|trending|top\s(?:\d+|stories|news|posts|articles|read)|latest|recent|editor\ss?\s?pick
    |headlines|breaking|new(?:est)?\s(?:articles|posts|stories)|today\s|live\snow|what\ss\s(?:new|hot)|hot\s|featured|this\sweek|must\sread|happening
    |meistgelesen|beliebt|neueste|aktuell|topthemen|meist\s|les\splus|plus\s(?:lus|populaires)|derni[eè]r|à\sla\sune|en\scontinu
    |lo\smás|más\s(?:leíd|vist)|últim|populares|destacad|piú\s|più\s|ultim|mais\s(?:lid|vist)|meest\s|laatste|nieuwste|net\sbinnen|mest\s|siste|seneste|senaste
    |najnowsze|najpopularniejsze|najczęściej|популярн|найпопулярн|останні|последние|стрічка|лента|новини|свіж|головне|топ
    |son\shaber|en\sçok|الأكثر|آخر|أحدث|אחרונ|הנקראות|פופולרי|人気|ランキング|新着|最新|热门|熱門|많이|인기|최신""",
    re.IGNORECASE | re.VERBOSE,
)


def opens_link_list(text: str) -> bool:
    """True for a line that is nothing but the label of a list of other articles: “See also”, “Most read”."""
    label = folded(text)
    return (
        0 < count_words(label) <= 5
        and len(label) <= 40
        and bool(TEASER.match(text) or RELATED_LABEL.match(label) or POPULAR_LABEL.match(label))
    )
