"""What was stored with a capture: pictures, styles and fonts, by the addresses that the page asks for them under."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.errors import ScrapeError
from scraper.rewriting.assets import Asset
from scraper.store import Archive

_MOST_BYTES = 64 << 20
"""Of one page's that are read; more could not be shown."""


def stored_assets(archive: Archive, capture_id: int) -> Mapping[str, Asset]:
    """Of one capture; those that failed, or whose bodies were let go or are damaged, are not among them."""
    found: dict[str, Asset] = {}
    left = _MOST_BYTES
    for asset in archive.assets().of(capture_id):
        if not asset.is_held or asset.sha256 is None:
            continue
        left -= asset.size or 0
        if left < 0:
            break
        try:
            found[asset.url] = Asset(archive.body(asset.sha256), asset.content_type, asset.final_url)
        except ScrapeError:
            continue
    return found
