"""Letting go of bodies that need not be kept: their captures, hashes and texts stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from scraper.article import utc_text
from scraper.errors import UsageError
from scraper.store.blobs import get_blob, store_delta, store_whole
from scraper.store.connection import Connection
from scraper.store.custody import link

# Every use of a body: of the page itself, of what came in its place (an error page, a wall, the home page), as drawn,
# as a picture. A body's place is counted among its page's own kind: an error page is never what is kept of an article.
_USES = """
    WITH uses (sha256, page_id, fetched_at, kind) AS (
        SELECT sha256, page_id, fetched_at,
            CASE WHEN status < 400 AND (revision IS NOT NULL OR extracted_at IS NULL) THEN 'page' ELSE 'error' END
        FROM captures WHERE sha256 IS NOT NULL
        UNION ALL SELECT renderings.sha256, page_id, fetched_at, 'drawn'
        FROM renderings JOIN captures ON captures.id = capture_id WHERE renderings.sha256 IS NOT NULL
        UNION ALL SELECT screenshot_sha256, page_id, fetched_at, 'picture'
        FROM renderings JOIN captures ON captures.id = capture_id WHERE screenshot_sha256 IS NOT NULL
    ),
    by_page AS (
        SELECT sha256, page_id, kind, count(*) AS uses, max(fetched_at) AS newest_at FROM uses
        GROUP BY sha256, page_id, kind
    ),
    of_captures AS (
        SELECT *, row_number() OVER (PARTITION BY page_id, kind ORDER BY newest_at DESC) AS place FROM by_page
    ),
    -- What a page shows besides its text stays as long as the body that shows it.
    placed AS (
        SELECT sha256, page_id, uses, newest_at, place FROM of_captures
        UNION ALL
        SELECT assets.sha256, captures.page_id, count(DISTINCT captures.id), max(captures.fetched_at), min(place)
        -- In this order: where no page shows anything, nothing is looked for.
        FROM capture_assets
        CROSS JOIN assets ON assets.id = asset_id
        CROSS JOIN captures ON captures.id = capture_id
        CROSS JOIN of_captures ON of_captures.page_id = captures.page_id AND of_captures.sha256 = captures.sha256
        WHERE assets.sha256 IS NOT NULL AND kind IN ('page', 'error')
        GROUP BY assets.sha256, captures.page_id
    )
    SELECT blobs.sha256, blobs.size, blobs.stored_size, sum(uses) AS captures, max(newest_at) AS newest_capture_at
    FROM placed
    JOIN pages ON pages.id = placed.page_id
    JOIN blobs ON blobs.sha256 = placed.sha256
    WHERE blobs.content IS NOT NULL
    GROUP BY blobs.sha256
    HAVING min(place) > :keep AND max(newest_at) < :before AND (:site IS NULL OR min(pages.site = :site))
    ORDER BY max(newest_at), blobs.sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which bodies may go: those that every rule given lets go, of every capture that shows them.

    Raises UsageError without a rule, or with one that means nothing.
    """

    older_than: timedelta | None = None
    """Bodies of captures older than this."""
    keep: int | None = None
    """All but the newest so many different ones of each page; 1 when not given, 0 lets go of all."""
    max_bytes: int | None = None
    """The oldest, until those that are left take no more than so many bytes in the file."""
    site: str | None = None
    """Only bodies of this site; `max_bytes` then counts this site alone."""

    def __post_init__(self) -> None:
        if self.older_than is None and self.keep is None and self.max_bytes is None:
            raise UsageError(
                "No rule says which bodies may go", next_step="give --older-than DAYS, --keep N or --max-bytes SIZE"
            )
        if min(self.keep or 0, self.max_bytes or 0) < 0 or (self.older_than or timedelta()) < timedelta():
            raise UsageError("A rule for what to keep cannot be less than nothing")

    @property
    def reason(self) -> str:
        """The rules in words, as `removals` keeps them."""
        parts = []
        if self.older_than is not None:
            parts.append(f"older than {self.older_than.total_seconds() / 86400:g} days")
        if self.keep is not None:
            parts.append(f"all but the newest {self.keep} of each page")
        if self.max_bytes is not None:
            parts.append(f"until the rest takes {self.max_bytes} bytes")
        if self.site is not None:
            parts.append(f"of {self.site}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Removable:
    """A body that the rules let go."""

    sha256: str
    size: int
    stored_size: int
    """Bytes it takes in the file; bodies that are made from it may need some of them back."""
    captures: int
    """How many show it."""
    newest_capture_at: str
    reason: str


def removable(db: Connection, rules: Retention) -> Iterator[Removable]:
    """The bodies that the rules let go, the longest unseen first."""
    site = None if rules.site is None else rules.site.strip().lower().removeprefix("www.")
    surplus: int | None = None
    if rules.max_bytes is not None:
        surplus = _bytes_kept(db, site) - rules.max_bytes
    before = "9999" if rules.older_than is None else utc_text(db.moment() - rules.older_than)
    values = {"keep": 1 if rules.keep is None else rules.keep, "before": before, "site": site}
    for row in db.rows(_USES, values):
        if surplus is not None:
            if surplus <= 0:
                return
            surplus -= row["stored_size"]
        yield Removable(**dict(row), reason=rules.reason)


def remove_body(db: Connection, body: Removable) -> None:
    """Let go of one body, once what is made from it was stored by other means; call inside a transaction.

    Raises BlobCorrupt when one that depends on it cannot be read: nothing is removed then.
    """
    _rehome(db, body.sha256)
    db.execute("UPDATE blobs SET content = NULL, stored_size = 0 WHERE sha256 = ?", (body.sha256,))
    row = {"sha256": body.sha256, "size": body.size, "removed_at": db.now(), "reason": body.reason}
    link(db, "removal", db.insert("removals", row))


def _rehome(db: Connection, sha256: str) -> None:
    """Give the bodies that are made from this one another base: the first stands alone, and the others lean on it."""
    heir: str | None = None
    for row in list(db.rows("SELECT sha256 FROM deltas WHERE base_sha256 = ? ORDER BY sha256", (sha256,))):
        child = row["sha256"]
        body = get_blob(db, child)
        if heir is None or not store_delta(db, child, body, heir):
            store_whole(db, child, body)
        heir = heir or child
        _set_depths(db, child)
    db.execute("DELETE FROM deltas WHERE sha256 = ?", (sha256,))
    if heir is None:
        db.execute("DELETE FROM site_bases WHERE sha256 = ?", (sha256,))
    else:
        db.execute("UPDATE OR REPLACE site_bases SET sha256 = ? WHERE sha256 = ?", (heir, sha256))


def _set_depths(db: Connection, root: str) -> None:
    """Put right how far from a whole body those are that are made from this one."""
    db.execute(
        "WITH RECURSIVE made (sha256, depth) AS ("
        " VALUES (:root, coalesce((SELECT depth FROM deltas WHERE sha256 = :root), 0))"
        " UNION ALL SELECT deltas.sha256, made.depth + 1 FROM deltas JOIN made ON deltas.base_sha256 = made.sha256)"
        " UPDATE deltas SET depth = (SELECT depth FROM made WHERE made.sha256 = deltas.sha256)"
        " WHERE sha256 IN (SELECT sha256 FROM made)",
        {"root": root},
    )


def _bytes_kept(db: Connection, site: str | None) -> int:
    row = db.row(
        "SELECT coalesce(sum(stored_size), 0) AS n FROM blobs WHERE :site IS NULL OR sha256 IN ("
        " SELECT captures.sha256 FROM captures JOIN pages ON pages.id = page_id WHERE site = :site"
        " UNION SELECT assets.sha256 FROM assets JOIN capture_assets ON asset_id = assets.id"
        " JOIN captures ON captures.id = capture_id JOIN pages ON pages.id = page_id WHERE site = :site)",
        {"site": site},
    )
    return 0 if row is None else int(row["n"])
