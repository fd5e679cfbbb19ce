"""Articles made up from sentences of real ones, as many as are wanted, the same ones every time."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.article import Article, Link, LinkKind, Provenance
from scraper.capture import Capture, Hop, Timings

_FIRST_DAY = datetime(2015, 1, 1, 6, tzinfo=UTC)
_DAYS = 3650
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*[”\"’»」]*")
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "uk": re.compile("[іїєґІЇЄҐ]"),
    "ru": re.compile("[а-яА-Я]"),
}
_STOPWORDS = {
    "en": "the of and to in that is was for with",
    "de": "der die das und ist nicht mit von den ein",
    "fr": "le les des et est une dans pour que du",
    "es": "el los las y en una por con para del",
    "it": "il di che per una del della con sono gli",
    "nl": "het een van en niet voor met zijn op dat",
    "pl": "się nie na jest że do jak przez oraz po",
    "tr": "bir ve bu için ile olarak daha çok da de",
    "sv": "och att det som en på är av för med",
}
_LINKS: tuple[LinkKind, ...] = ("inline", *("related",) * 6, *("popular",) * 5)
_SHARES: dict[str, float] = {"en": 55, "zh": 4, "ja": 3, "hi": 1, "uk": 3, "ru": 2, "ar": 3}
"""Articles of a hundred; the other languages share the rest."""

# No labelled page is Arabic: ordinary words of Arabic news, written down for this.
_ARABIC = (
    "أعلنت الحكومة اليوم عن خطة جديدة لدعم الاقتصاد في البلاد بعد ارتفاع الأسعار وقال الوزير إن القرار سيبدأ تنفيذه"
    " خلال الأسبوع المقبل وأضاف المتحدث باسم الشرطة أن التحقيق في الحادث ما زال مستمرا فيما طالب السكان بتحسين الخدمات"
    " وشارك عدد كبير من الطلاب والمعلمين في المؤتمر الدولي حول التعليم والصحة في العاصمة ونشرت الصحيفة كتابا عن تاريخ"
    " المدينة القديمة ونهر النيل والفيضان الذي ضرب القرى المجاورة وأدى إلى نزوح مئات العائلات وتدمير المدرسة والمستشفى"
    " والجسر الوحيد بين الضفتين ودعا الرئيس إلى اجتماع عاجل مع رئيس البرلمان لبحث الأزمة والحرب والسلام والانتخابات"
).split()


@dataclass(frozen=True, slots=True)
class Source:
    """What is taken from one labelled page."""

    title: str
    authors: tuple[str, ...]
    sentences: tuple[str, ...]


def read_sources(folders: list[Path]) -> dict[str, list[Source]]:
    """The pages by language; those with next to no text are left out."""
    found: dict[str, list[Source]] = defaultdict(list)
    for folder in folders:
        for line in (folder / "truth.jsonl").read_bytes().splitlines():
            row = json.loads(line)
            text = row["body"] or ""
            sentences = tuple(s.strip() for s in _SENTENCE.findall(text) if 15 < len(s.strip()) < 600)
            if len(sentences) >= 5:
                found[language_of(text)].append(
                    Source(row["title"] or sentences[0], tuple(row["authors"] or ()), sentences)
                )
    chance = random.Random(3)
    found["ar"] = [
        Source(
            " ".join(chance.sample(_ARABIC, 7)),
            ("محمد الأمين",),
            tuple(" ".join(chance.sample(_ARABIC, chance.randint(8, 20))) + "." for _ in range(60)),
        )
        for _ in range(20)
    ]
    return dict(found)


def language_of(text: str) -> str:
    """By script, or by which language's commonest words stand in it most often."""
    for language, letters in _SCRIPTS.items():
        if len(letters.findall(text)) * 20 > len(text):
            return language
    words = text.lower().split()
    counts = {language: sum(map(words.count, common.split())) for language, common in _STOPWORDS.items()}
    return max(counts, key=lambda language: counts[language])


class Maker:
    """Makes article `n`, with the capture it was read from."""

    def __init__(self, sources: dict[str, list[Source]]) -> None:
        self._sources = sources
        rest = [language for language in sources if language not in _SHARES]
        shares = {language: share for language, share in _SHARES.items() if language in sources}
        shares |= dict.fromkeys(rest, (100 - sum(shares.values())) / max(1, len(rest)))
        self._languages = list(shares)
        self._shares = list(shares.values())
        chance = random.Random(5)
        self.sites = [f"{_syllables(chance)}-{_syllables(chance)}.example" for _ in range(500)]
        self._site_weights = [1 / (rank + 10) for rank in range(500)]
        # A site has one language, as most have.
        self.language_of_site = dict(zip(self.sites, chance.choices(self._languages, self._shares, k=500), strict=True))

    def make(self, n: int, total: int) -> tuple[Capture, Article]:
        chance = random.Random(n)
        site = chance.choices(self.sites, self._site_weights)[0]
        pool = self._sources[self.language_of_site[site]]
        pages = [chance.choice(pool) for _ in range(chance.randint(3, 6))]
        headline = self._headline(chance, pages)
        paragraphs = list(self._paragraphs(chance, pages))
        body = "\n\n".join(paragraphs)
        url = f"https://www.{site}/{chance.choice(('news', 'world', 'local', 'sport'))}/{n}-{_syllables(chance)}"
        published = self._published(chance, n, total)
        fetched = published + timedelta(minutes=chance.randint(5, 2000))
        answer = Hop(url=url, status=200, http_version="HTTP/2", headers=_HEADERS, peer="192.0.2.1:443")
        capture = Capture(
            url=url,
            fetched_at=fetched,
            hops=(answer,),
            body=f"<html><head><title>{headline}</title></head><body><p>{paragraphs[0]}</p></body></html>".encode(),
            wire_size=700,
            timings=Timings(resolved=0.01, connected=0.03, tls=0.06, first_byte=0.2, total=0.31),
            robots="obeyed",
        )
        article = Article(
            url=url,
            canonical_url=url,
            site=site,
            headline=headline,
            authors=tuple(dict.fromkeys(a for page in pages[:2] for a in page.authors[:1])),
            published_at=published.isoformat(timespec="seconds") if chance.random() < 0.95 else None,
            lead=paragraphs[0][:200] if chance.random() < 0.6 else None,
            body=body,
            body_html="".join(f"<p>{part}</p>" for part in paragraphs),
            language=self.language_of_site[site],
            section=chance.choice(("News", "World", "Sport", None)),
            tags=tuple(headline.split()[:3]),
            image=f"{url}/main.jpg",
            links=tuple(
                Link(f"https://www.{site}/news/{chance.randrange(10**6)}-x", " ".join(headline.split()[:4]), kind)
                for kind in _LINKS
            ),
            word_count=len(body.split()),
            page_type="article",
            verdict="ok" if chance.random() < 0.95 else "paywall",
            provenance={
                name: Provenance(source="json_ld", confidence=0.9, selector=f"$.{name}")
                for name in ("headline", "authors", "published_at", "body", "language", "image")
            },
            extractor="synthetic 1",
        )
        return capture, article

    def _published(self, chance: random.Random, n: int, total: int) -> datetime:
        # One in ten is older than what was archived with it: a collection that is filled up backwards.
        place = n / total if chance.random() > 0.1 else chance.random() * n / total
        return _FIRST_DAY + timedelta(days=place * _DAYS, minutes=chance.randint(0, 600))

    def _headline(self, chance: random.Random, pages: list[Source]) -> str:
        first, second = pages[0].title.split(), pages[1].title.split()
        return _numbers(chance, " ".join(first[: max(3, len(first) // 2)] + second[-4:]))[:160]

    def _paragraphs(self, chance: random.Random, pages: list[Source]) -> Iterator[str]:
        left = int(min(12000, chance.lognormvariate(7.75, 0.6)))  # characters: a median of 2,300
        while left > 0:
            page = chance.choice(pages)
            count = chance.randint(1, 4)
            start = chance.randrange(len(page.sentences))
            text = _numbers(chance, " ".join(chance.choice(page.sentences) for _ in range(count)))
            # Names, which is what most of a growing vocabulary is.
            if chance.random() < 0.5:
                text += f" {_syllables(chance).title()} {_syllables(chance).title()}, {start}."
            yield text
            left -= len(text)


def _numbers(chance: random.Random, text: str) -> str:
    return re.sub(r"\d+", lambda match: str(chance.randrange(10 ** len(match[0][:6]))), text)


def _syllables(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Date", "Tue, 23 Jul 2024 10:15:00 GMT"),
    ("Cache-Control", "max-age=60, public"),
    ("ETag", 'W/"5f2b-18f0c9a3b20"'),
    ("Vary", "Accept-Encoding"),
    ("Server", "nginx"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Cache", "HIT"),
)
