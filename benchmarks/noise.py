"""What changes on a page though nobody edits its article, as functions on its HTML, as in `benchmarks/edits.py`."""

from __future__ import annotations

import html
import random
import re

from benchmarks.versions import Change, Page, Pair, beside_headline, in_text

_AGO = {
    "de": ("vor {} Minuten", "vor {} Stunden", "Aktualisiert "),
    "fr": ("il y a {} minutes", "il y a {} heures", "Mis à jour "),
    "es": ("hace {} minutos", "hace {} horas", "Actualizado "),
    "uk": ("{} хвилин тому", "{} години тому", "Оновлено "),
    "ru": ("{} минут назад", "{} часа назад", "Обновлено "),
    "it": ("{} minuti fa", "{} ore fa", "Aggiornato "),
    "pt": ("há {} minutos", "há {} horas", "Atualizado "),
    "pl": ("{} minut temu", "{} godziny temu", "Aktualizacja: "),
    "ja": ("{}分前", "{}時間前", "更新 "),
    "zh": ("{}分钟前", "{}小时前", "更新 "),
    "ar": ("منذ {} دقائق", "منذ {} ساعات", "آخر تحديث "),
    "nl": ("{} minuten geleden", "{} uur geleden", "Bijgewerkt "),
    "sv": ("för {} minuter sedan", "för {} timmar sedan", "Uppdaterad "),
    "no": ("for {} minutter siden", "for {} timer siden", "Oppdatert "),
    "tr": ("{} dakika önce", "{} saat önce", "Güncellendi "),
}
_MINUTES_AGO = ("{} minutes ago", "{} hours ago", "Updated ")


def view_counter(page: Page) -> Pair | None:
    return beside_headline(page, *(f'<div class="stats"><span>{n} views</span></div>' for n in ("1,234", "5,678")))


def view_counter_in_text(page: Page) -> Pair | None:
    return in_text(page, *(f"<p>{n} views</p>" for n in ("1,234", "12.5K")))


def relative_time(page: Page) -> Pair | None:
    minutes, hours, _ = _AGO.get(page.language, _MINUTES_AGO)
    return beside_headline(page, f"<time>{minutes.format(7)}</time>", f"<time>{hours.format(3)}</time>")


def updated_ago_in_text(page: Page) -> Pair | None:
    minutes, hours, label = _AGO.get(page.language, _MINUTES_AGO)
    return in_text(page, f"<p>{label}{minutes.format(7)}</p>", f"<p>{label}{hours.format(3)}</p>", after=0)


def updated_at_in_text(page: Page) -> Pair | None:
    return in_text(page, *(f"<p>Last updated: 22 July 2024, {time} GMT</p>" for time in ("10:15", "14:40")))


def comment_count(page: Page) -> Pair | None:
    return in_text(page, *(f'<p><a href="#comments">{n} comments</a></p>' for n in (12, 57)))


def comments_posted(page: Page) -> Pair | None:
    one = (
        '<div class="comment"><b>reader7</b><p>I was there, and it was nothing like that at all, believe me.</p></div>'
    )
    return _at_end(
        page,
        f'<section id="comments"><h2>Comments</h2>{one * 2}</section>',
        f"<section id='comments'>{one * 5}</section>",
    )


def related_shuffled(page: Page) -> Pair | None:
    items = [
        f'<li><a href="/news/{n}-{word.lower()}">{_headline(page)}</a></li>' for n, word in enumerate(page.words()[:6])
    ]
    lists = []
    for _ in range(2):
        page.chance.shuffle(items)
        lists.append(f'<div class="related-articles"><h3>Related articles</h3><ul>{"".join(items)}</ul></div>')
    return in_text(page, *lists)


def most_read_changed(page: Page) -> Pair | None:
    lists = (
        '<aside class="most-read"><h3>Most read</h3><ol>'
        + "".join(f'<li><a href="/n/{n}{turn}">{_headline(page)}</a></li>' for n in range(5))
        + "</ol></aside>"
        for turn in range(2)
    )
    return _at_end(page, *lists)


def _headline(page: Page) -> str:
    words = page.words(3)
    return html.escape(" ".join(page.chance.choice(words) for _ in range(7)).capitalize())


def _at_end(page: Page, *markups: str) -> Pair | None:
    match = re.search(r"</body>", page.html, re.IGNORECASE)
    if match is None:
        return None
    before, after = (page.html[: match.start()] + markup + page.html[match.start() :] for markup in markups)
    return Pair(before, after)


def advertisements(page: Page) -> Pair | None:
    slots = (
        f'<div class="ad-slot" id="gpt-{n}" data-pos="{n}"><script>googletag.display("gpt-{n}")</script>'
        f'<iframe src="https://ads.example/{n}" width="300"></iframe><span>{label}</span></div>'
        for n, label in ((17, "Advertisement"), (93, "Advertisement"))
    )
    pair = in_text(page, *slots, after=len(page.elements) // 2)
    if pair is None:
        return None
    script = '<script async src="https://cdn.example/pixel.js?v=2"></script>'
    after = re.sub(r"</head>", lambda match: script + match[0], pair.after, count=1, flags=re.IGNORECASE)
    return Pair(pair.before, after)


def advertisement_new(page: Page) -> Pair | None:
    link = '<a href="https://ads.example/x"><img src="/b.gif" alt=""></a>'
    markup = f'<div class="ad-container"><p>Advertisement</p>{link}</div>'
    return in_text(page, markup, after=0)


def nonces(page: Page) -> Pair | None:
    def version(seed: int) -> str:
        chance = random.Random(seed)
        text = re.sub(r"<script\b", lambda _: f'<script nonce="{chance.getrandbits(64):x}"', page.html)
        token = f'<meta name="csrf-token" content="{chance.getrandbits(128):x}">'
        return re.sub(r"</head>", lambda match: token + match[0], text, count=1, flags=re.IGNORECASE)

    return Pair(version(1), version(2))


def class_names(page: Page) -> Pair | None:
    def version(seed: int) -> str:
        chance = random.Random(seed)
        return re.sub(
            r'(<(?:div|section|p|span|article|main)\b[^>]*?\bclass="[^"]*)"',
            lambda match: f'{match[1]} css-{chance.getrandbits(24):x}"',
            page.html,
        )

    return Pair(version(1), version(2))


def image_parameters(page: Page) -> Pair | None:
    changed = re.sub(r'(\.(?:jpe?g|png|webp))(\?[^"\s]*)?(?=["\s])', r"\1?w=640&amp;v=83", page.html)
    return None if changed == page.html else Pair(page.html, changed)


def date_modified(page: Page) -> Pair | None:
    pattern = re.compile(
        r'((?:"dateModified"\s*:\s*"|article:modified_time"[^>]*?content=")\d{4}-\d\d-\d\d[T ])(\d\d:\d\d)'
    )
    if not pattern.search(page.html):
        return None
    return Pair(page.html, pattern.sub(r"\g<1>23:58", page.html))


def published_precision(page: Page) -> Pair | None:
    """The same moment, written with other seconds and another notation of UTC."""
    pattern = re.compile(r'("datePublished"\s*:\s*"\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(Z|\+00:00)"')
    if not pattern.search(page.html):
        return None
    return Pair(page.html, pattern.sub(lambda m: f'{m[1]}:31{"+00:00" if m[2] == "Z" else "Z"}"', page.html))


def newsletter_box(page: Page) -> Pair | None:
    box = (
        '<div class="newsletter-signup"><h3>Sign up for our newsletter</h3><p>Get the day\'s top stories in your inbox '
        'every morning.</p><form action="/nl"><input type="email" name="email"><button>Subscribe</button></form></div>'
    )
    return in_text(page, box, after=len(page.elements) // 2)


def free_articles_left(page: Page) -> Pair | None:
    return _at_end(
        page, *(f'<div class="meter" role="dialog">You have {n} free articles left this month.</div>' for n in (3, 2))
    )


def typography(page: Page) -> Pair | None:
    if not page.elements:
        return None
    changed = page.html
    for element in reversed(page.elements):
        inner = re.sub(r"(?:^|(?<=>))[^<]+", lambda text: _typeset(text[0]), element["inner"])
        changed = changed[: element.start("inner")] + inner + changed[element.end("inner") :]
    return None if changed == page.html else Pair(page.html, changed)


def _typeset(text: str) -> str:
    if "’" in text or "“" in text:
        return text.replace("’", "'").replace("“", '"').replace("”", '"').replace("…", "...").replace("–", "-")
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text).replace("...", "…").replace(" - ", " – ")
    text = re.sub(r"\b(\w{1,2}) ", "\\1\u00a0", text, count=2)
    return re.sub(r"(?<=[^\W\d_]{4})(?=[^\W\d_]{4})", "\u00ad", text, count=1)


def reading_time(page: Page) -> Pair | None:
    return beside_headline(page, *(f'<p class="meta">{n} min read</p>' for n in (4, 5)))


def share_counts(page: Page) -> Pair | None:
    bars = (
        f'<ul class="share"><li>Facebook {a}</li><li>Twitter {b}</li></ul><p>{a + b} shares</p>'
        for a, b in ((3, 4), (310, 42))
    )
    return in_text(page, *bars)


def whitespace(page: Page) -> Pair | None:
    if re.search(r"<(?:pre|textarea)\b", page.html, re.IGNORECASE):
        return None
    return Pair(page.html, re.sub(r"(</(?:p|div|li|h\d|section|article|ul|ol)>)", r"\1\n  ", page.html))


def byline_in_capitals(page: Page) -> Pair | None:
    name = next((name for name in page.authors if len(name) > 5 and f">{name}<" in page.html), None)
    return Pair(page.html, page.html.replace(f">{name}<", f">{name.upper()}<")) if name else None


NOISE: tuple[Change, ...] = (
    view_counter,
    view_counter_in_text,
    relative_time,
    updated_ago_in_text,
    updated_at_in_text,
    comment_count,
    comments_posted,
    related_shuffled,
    most_read_changed,
    advertisements,
    advertisement_new,
    nonces,
    class_names,
    image_parameters,
    date_modified,
    published_precision,
    newsletter_box,
    free_articles_left,
    typography,
    reading_time,
    share_counts,
    whitespace,
    byline_in_capitals,
)
