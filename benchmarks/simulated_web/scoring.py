"""How well an archive holds the simulated web: what was found, what is pure, which edits were seen, at what price.

print(score(Path("archive.db"), Truth(world), web.watch(delay=0.1)).table())
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from benchmarks.simulated_web.archived import Archived, Revision, Shown, Waiting, read_archive
from benchmarks.simulated_web.articles import Edition
from benchmarks.simulated_web.places import ArticleAt, Elsewhere, FeedAt, ListAt, PageAt, SitemapAt
from benchmarks.simulated_web.truth import ArticleTruth, Key, Truth
from benchmarks.simulated_web.watch import Entry, Violation, Watch

SCHEDULE = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 24 * 7, 24 * 30))
"""After its first capture, when an article is to be visited again."""
_ENOUGH = 2
"""Of an article's three tokens, how many its text must hold; one where only a teaser is to be had."""
_ENDED = ("skipped", "failed", "gone")


@dataclass(frozen=True, slots=True)
class Missing:
    """An article, or an edition of one, that the archive lacks, and what is known of the reason."""

    url: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    have: int
    of: int

    @property
    def part(self) -> float:
        return self.have / self.of if self.of else 1.0

    def __str__(self) -> str:
        return f"{100 * self.part:.2f} % ({self.have} of {self.of})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The figures, and after them what lies behind those that fall short."""

    found: Share
    """Of the articles that could be found, those with a text that is theirs."""
    whole: Share
    """Of those found that have no paywall, the ones whose text goes from the beginning to the end."""
    pure: Share
    """Of the pages shown as articles, those that are."""
    duplicates: int
    """Pages shown as articles of their own that are an address more of another one shown."""
    edits: Share
    """Of the editions that a visit on schedule would have met, those that are kept."""
    all_edits: Share
    """Of all editions after the first capture."""
    needless: int
    """Revisions in which the page says nothing that an edition of it did not say before."""
    gone: Share
    """Of the archived articles that were taken down before a visit on schedule, those known to be gone."""
    no_reason: int
    """Addresses that were given up without a reason."""
    violations: tuple[Violation, ...]
    requests: int
    articles: int
    """Found ones, for requests an article."""
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by what they were for."""
    missing: tuple[Missing, ...] = ()
    missed_edits: tuple[Missing, ...] = ()
    impure: tuple[str, ...] = ()
    twice: tuple[tuple[str, ...], ...] = ()

    def failures(self) -> list[str]:
        """What falls short of what a crawl must reach, in words."""
        wanted = [
            (self.found.part >= 0.98, f"found {self.found}, not 98 %"),
            (self.pure.part >= 0.98, f"pure {self.pure}, not 98 %"),
            (self.duplicates == 0, f"{self.duplicates} duplicates"),
            (self.edits.part >= 0.95, f"edits {self.edits}, not 95 %"),
            (self.no_reason == 0, f"{self.no_reason} skips without a reason"),
            (not self.violations, f"{len(self.violations)} violations"),
        ]
        return [text for is_met, text in wanted if not is_met]

    def table(self) -> str:
        """The figures, a line each."""
        kinds = Counter(violation.kind for violation in self.violations)
        rows = [
            ("articles found", str(self.found), "≥ 98 %"),
            ("  of them whole", str(self.whole), ""),
            ("articles among what is shown as such", str(self.pure), "≥ 98 %"),
            ("duplicates", str(self.duplicates), "0"),
            ("edits due that were captured", str(self.edits), "≥ 95 %"),
            ("  of all edits since", str(self.all_edits), ""),
            ("needless revisions", str(self.needless), ""),
            ("taken down, and known to be", str(self.gone), ""),
            ("given up without a reason", str(self.no_reason), "0"),
            ("violations", ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()) or "0", "0"),
            ("requests", f"{self.requests:,}", ""),
            ("requests an article", f"{self.requests / max(1, self.articles):.2f}", ""),
            *((f"  {kind}", f"{n:,}", "") for kind, n in self.asked.most_common()),
        ]
        return "\n".join(f"{name:<40} {figure:<28} {wanted}".rstrip() for name, figure, wanted in rows)


def score(archive: Path, truth: Truth, watch: Watch) -> Score:
    """The score of an archive that was filled by the crawler whose requests `watch` saw."""
    return _Scoring(read_archive(archive), truth, watch).score()


class _Scoring:
    def __init__(self, archived: Archived, truth: Truth, watch: Watch) -> None:
        self.archived = archived
        self.truth = truth
        self.watch = watch
        self.runs = [(_time(run.began), _time(run.ended)) for run in watch.runs()]
        self.shown: dict[Key, list[Shown]] = defaultdict(list)
        self.pages: dict[Key, set[int]] = defaultdict(set)
        self.waiting: dict[Key, list[Waiting]] = defaultdict(list)
        # By its own address, not by those that were redirected to it: they may have been redirected to the home page.
        for page_id, url in archived.page_of.items():
            if (article := truth.article_at(url)) is not None:
                self.pages[article.key].add(page_id)
        for row in archived.shown:
            if (article := truth.article_at(row.url)) is not None:
                self.shown[article.key].append(row)
        for waiting in archived.frontier:
            if (article := truth.article_at(waiting.url)) is not None:
                self.waiting[article.key].append(waiting)
        self.revisions: dict[int, list[Revision]] = defaultdict(list)
        for revision in archived.revisions:
            self.revisions[revision.page_id].append(revision)

    def score(self) -> Score:
        due = [article for article in self.truth.articles if article.findable and self._could_be_found(article)]
        found = [article for article in due if self._is_found(article)]
        free = [article for article in found if article.wall is None]
        pure, impure = self._purity()
        twice = list(self._duplicates())
        editions = [(article, number) for article in self.truth.articles for number in self._editions_since(article)]
        editions_due = [(article, number) for article, number in editions if self._is_due(article, number)]
        captured = {(article.key, number) for article, number in editions if self._has_edition(article, number)}
        removed = [article for article in self.truth.articles if self._is_gone_due(article)]
        return Score(
            found=Share(len(found), len(due)),
            whole=Share(sum(self._tokens_of(article) == 3 for article in free), len(free)),
            pure=pure,
            duplicates=sum(len(urls) - 1 for urls in twice),
            edits=Share(sum((one.key, n) in captured for one, n in editions_due), len(editions_due)),
            all_edits=Share(len(captured), len(editions)),
            needless=sum(self._needless(article) for article in self.truth.articles),
            gone=Share(sum(self._is_known_gone(one) for one in removed), len(removed)),
            no_reason=sum(row.state in _ENDED and not row.reason for row in self.archived.frontier),
            violations=tuple(self.watch.violations()),
            requests=len(self.watch.entries),
            articles=len(found),
            asked=Counter(self._asked_for(entry) for entry in self.watch.entries),
            missing=tuple(self._missing(one) for one in due if not self._is_found(one)),
            missed_edits=tuple(self._missed(one, n) for one, n in editions_due if (one.key, n) not in captured),
            impure=tuple(impure),
            twice=tuple(twice),
        )

    # Articles

    def _could_be_found(self, article: ArticleTruth) -> bool:
        """Whether it was there from the beginning to the end of some run."""
        deleted = article.deleted_at
        return any(article.published <= began and (deleted is None or ended < deleted) for began, ended in self.runs)

    def _is_found(self, article: ArticleTruth) -> bool:
        if article.wall == "paywall":
            rows = self.shown[article.key]
            return any(row.verdict in ("ok", "paywall") and article.tokens_in(row.body) for row in rows)
        return self._tokens_of(article) >= _ENOUGH

    def _tokens_of(self, article: ArticleTruth) -> int:
        rows = (row for row in self.shown[article.key] if row.verdict in ("ok", "paywall"))
        return max((article.tokens_in(row.body) for row in rows), default=0)

    def _purity(self) -> tuple[Share, list[str]]:
        impure: list[str] = []
        rows = [row for row in self.archived.shown if row.verdict == "ok"]
        for row in rows:
            article = self.truth.article_at(row.url)
            if article is None or not article.tokens_in(row.body):
                impure.append(row.url)
        return Share(len(rows) - len(impure), len(rows)), impure

    def _duplicates(self) -> Iterator[tuple[str, ...]]:
        for rows in self.shown.values():
            urls = tuple(row.url for row in rows if row.verdict == "ok" and row.same_as is None)
            if len(urls) > 1:
                yield urls

    # Editions

    def _first_read(self, article: ArticleTruth) -> datetime | None:
        moments = [
            self.archived.first_read[page] for page in self.pages[article.key] if page in self.archived.first_read
        ]
        return min(moments, default=None)

    def _editions_since(self, article: ArticleTruth) -> Iterator[int]:
        """The editions after the first capture. Behind a paywall nobody sees them."""
        first = self._first_read(article)
        if first is None or article.wall is not None or not self.runs:
            return
        end = self.runs[-1][1]
        for number, edition in enumerate(article.editions):
            if number and first < edition.at <= end:
                yield number

    def _is_due(self, article: ArticleTruth, number: int) -> bool:
        """Whether a run in which a visit was due lay wholly in the edition's time."""
        begins, ends = article.editions[number].at, article.ends(number)
        return any(begins <= began and (ends is None or ended < ends) for began, ended in self._visits(article))

    def _visits(self, article: ArticleTruth) -> Iterator[tuple[datetime, datetime]]:
        """The runs by which a visit had fallen due, one for each of the schedule."""
        first = self._first_read(article)
        for after in SCHEDULE if first is not None else ():
            run = next(
                ((began, ended) for began, ended in self.runs if first is not None and began >= first + after), None
            )
            if run is not None:
                yield run

    def _revisions_of(self, article: ArticleTruth) -> Iterable[Revision]:
        return (revision for page in self.pages[article.key] for revision in self.revisions[page])

    def _has_edition(self, article: ArticleTruth, number: int) -> bool:
        return any(_shows(revision, article.editions[number]) for revision in self._revisions_of(article))

    def _needless(self, article: ArticleTruth) -> int:
        """Revisions that differ from the one before though the article was not edited between them."""
        count = 0
        for page in self.pages[article.key]:
            rows = [row for row in self.revisions[page] if row.is_edit and row.verdict == "ok"]
            for before, after in pairwise(rows):
                count += article.edition_at(before.seen_at) == article.edition_at(after.seen_at)
        return count

    # Articles that were taken down

    def _is_gone_due(self, article: ArticleTruth) -> bool:
        deleted = article.deleted_at
        return deleted is not None and any(deleted <= began for began, _ in self._visits(article))

    def _is_known_gone(self, article: ArticleTruth) -> bool:
        return bool(self.pages[article.key] & self.archived.gone)

    # Reasons and prices

    def _missing(self, article: ArticleTruth) -> Missing:
        known = [
            f"frontier: {row.url} is {row.state}{f', {row.reason}' if row.reason else ''}"
            for row in self.waiting[article.key][:3]
        ]
        for page in sorted(self.pages[article.key])[:3]:
            known.append(f"page {page}: {', '.join(self.archived.captures[page][-3:])}")
        held = self._tokens_of(article)
        if held:
            known.append(f"its text holds {held} of 3 tokens")
        if not known:
            asked = article.key in self._asked_articles
            known = [
                "asked for, but nothing was kept" if asked else f"its address was never met; {self._listed(article)}"
            ]
        return Missing(article.url, f"published {article.published:%Y-%m-%d %H:%M}", "; ".join(known))

    def _listed(self, article: ArticleTruth) -> str:
        """Where somebody could have met its address at the end of the last run."""
        outlet, end = self.truth.world.outlets[article.key[0]], self.runs[-1][1]
        one = outlet.articles[article.key[1]]
        places = [f"newer ones: {sum(other.is_out(end) for other in outlet.articles[one.number + 1 :])}"]
        at = ListAt("section", one.section)
        on_list = [other.number for other in outlet.on_list(at, end)]
        if one.number in on_list:
            page = on_list.index(one.number) // outlet.addresses.style.size + 1
            places.append(f"on {outlet.addresses.listing(ListAt('section', one.section, page))}")
        if outlet.profile.sitemap is not None:
            places.append(f"sitemap: {outlet.profile.sitemap.form}")
        return ", ".join(places)

    @cached_property
    def _asked_articles(self) -> set[Key]:
        found = (self.truth.article_at(entry.url) for entry in self.watch.entries)
        return {article.key for article in found if article is not None}

    def _missed(self, article: ArticleTruth, number: int) -> Missing:
        edition = article.editions[number]
        seen = sorted(revision.seen_at for revision in self._revisions_of(article))
        visits = ", ".join(f"{began:%d %H:%M}" for began, _ in self._visits(article))
        have = ", ".join(f"{moment:%d %H:%M}" for moment in seen)
        mark = edition.mark.text if edition.mark else ""
        what = f"{edition.kind} of {edition.at:%d %H:%M} ({mark})"
        return Missing(article.url, what, f"visits due by the runs of {visits}; revisions of {have}")

    def _asked_for(self, entry: Entry) -> str:
        """What a request was for."""
        outlet = self.truth.world.by_host.get(entry.host)
        match outlet.addresses.find(entry.url) if outlet else None:
            case PageAt("robots"):
                return "robots.txt"
            case PageAt("calendar") | PageAt("loop1") | PageAt("loop2"):
                return "traps"
            case FeedAt():
                return "feeds"
            case SitemapAt():
                return "sitemaps"
            case ListAt():
                return "pages of links"
            case ArticleAt():
                return "articles, unchanged (304)" if entry.status == 304 else "articles"
            case PageAt() | Elsewhere():
                return "other pages"
            case None:
                return "where nothing is"


def _shows(revision: Revision, edition: Edition) -> bool:
    mark = edition.mark
    if mark is None:
        return False
    text = {"headline": revision.headline, "authors": revision.authors, "body": revision.body}[mark.field]
    return mark.text in text


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
