"""What pages show, as records behind those of the page: each answer once, and which page has which of them.

An answer is written as a page's fetch is, with a metadata record of its own. One that is in the file already is not
written again; one that says that nothing had changed is a revisit of the one that it is of, which is written before it.
Behind them stands a metadata record that names all that the page has.
"""

from __future__ import annotations

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.errors import NotInArchive
from scraper.export.warc import facts
from scraper.export.warc.exchanges import Exchanges, Original, Payload, Subject, digest_text
from scraper.export.warc.record import RecordWriter, record_id
from scraper.store import Archive, StoredAsset


class AssetWriter:
    """Writes those of one file."""

    def __init__(self, archive: Archive, records: RecordWriter, exchanges: Exchanges) -> None:
        self._records = records
        self._exchanges = exchanges
        self._archive = archive
        self._assets = archive.assets()
        # Of answers that several captures have, those that are written; and bodies that several answers brought, with
        # the one in whose record each stands.
        self._written: set[int] = set()
        self._bodies: dict[bytes, int] = {}

    def write_of(self, page: Subject) -> None:
        """Write what a page shows, as far as it is not in the file."""
        assets = self._assets.of(page.capture.id)
        if not assets:
            return
        for asset in assets:
            self._write(asset, page)
        self._records.write(
            [
                *self._exchanges.fields(
                    "metadata", page.id("assets"), f"urn:assets:{page.capture.final_url}", page.date
                ),
                ("Content-Type", facts.MEDIA_TYPE),
            ],
            facts.written_assets(page.capture, assets),
        )

    def _write(self, asset: StoredAsset, page: Subject) -> None:
        if asset.id in self._written:
            return
        if self._assets.is_shared(asset.id):
            self._written.add(asset.id)
        capture = self._assets.capture(asset.id, with_body=False)
        validated = self._validated(asset, page)
        payload = self._payload(asset, capture, validated)
        subject = _subject(asset, page)
        concurrent = self._exchanges.write(subject, capture, payload)
        self._records.write(
            [
                *self._exchanges.fields("metadata", subject.id("metadata"), f"urn:asset:{asset.url}", subject.date),
                *(("WARC-Concurrent-To", one) for one in concurrent),
                ("Content-Type", facts.MEDIA_TYPE),
            ],
            facts.written_asset(
                capture,
                asset,
                page.capture,
                None if validated is None else validated.fetched_at,
                body=payload.place,
            ),
        )

    def _validated(self, asset: StoredAsset, page: Subject) -> StoredAsset | None:
        """The answer that one is of which says that nothing has changed, written."""
        validated = self._assets.validated_by(asset.id)
        if validated is None:
            return None
        original = self._assets.stored(validated)
        self._write(original, page)
        return original

    def _payload(self, asset: StoredAsset, capture: Capture, validated: StoredAsset | None) -> Payload:
        if asset.status == 304:
            if validated is None:
                return Payload()
            return Payload(
                profile="server-not-modified",
                digest=digest_text(asset.sha256 or ""),
                original=self._original(validated),
            )
        if asset.sha256 is None:
            return Payload(truncated="unspecified" if capture.failure or capture.wire_size else None)
        key, digest, size = bytes.fromhex(asset.sha256), digest_text(asset.sha256), asset.size or 0
        if key in self._bodies:
            return Payload(
                length=size,
                digest=digest,
                profile="identical-payload-digest",
                original=self._original(self._assets.stored(self._bodies[key])),
                place="elsewhere",
            )
        try:
            body = self._archive.body(asset.sha256)
        except NotInArchive:
            return Payload(truncated="unspecified", place="removed")
        if asset.id in self._written:
            self._bodies[key] = asset.id
        return Payload(body=body, length=size, digest=digest, place="here")

    def _original(self, asset: StoredAsset) -> Original:
        last = len(self._assets.capture(asset.id, with_body=False).hops) - 1
        identity = _identity(asset)
        return Original(record_id(*identity, "response", last), asset.final_url, identity[2])


def _subject(asset: StoredAsset, page: Subject) -> Subject:
    identity = _identity(asset)
    return Subject(identity, identity[2], page.capture, is_page=False)


def _identity(asset: StoredAsset) -> tuple[str, str, str, str | None]:
    return "asset", asset.url, utc_text(asset.fetched_at), asset.sha256
