"""The metadata record: what the archive knows of a capture, a field a line, each value as JSON.

The names are those of the table `captures`. All of a capture but its bodies is there, so that reading our own file
gives back what was written; other programs may read it as the fields that it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from scraper.article import utc_text
from scraper.capture import Capture, Failure, Headers, Hop, PageRequest, Rendering, Timings
from scraper.errors import UsageError
from scraper.export.found import AssetName, AssetPage
from scraper.store import Import, StoredAsset, StoredCapture
from scraper.urls import check_url

FORMAT = "news-archiver capture 1"
ASSET = "news-archiver asset 1"
"""Of an answer that pages show: as a capture, with the page's that it is written with."""
ASSETS = "news-archiver assets 1"
"""Which answers a page shows."""
MEDIA_TYPE = "application/warc-fields"
_TIMINGS = ("resolved", "connected", "tls", "first_byte", "total")


class NotOurs(Exception):
    """A metadata record that another program wrote, or that says what none of ours can."""


def written(
    capture: Capture, stored: StoredCapture, rendering: Rendering | None, source: Import | None, *, body: str
) -> bytes:
    """The block of a metadata record. `body` says where the body is: `here`, `elsewhere`, `removed` or `none`."""
    facts: dict[str, Any] = {
        "format": FORMAT,
        **_of_fetch(capture, stored, body),
        "extractor": stored.extractor,
        "extraction_error": stored.extraction_error,
        "verdict": stored.verdict,
        "verdict_reason": stored.verdict_reason,
        "page_type": stored.page_type,
        "revision": stored.revision,
        "page_id": stored.page_id,
        "capture_id": stored.id,
        "run_id": stored.run_id,
    }
    if source is not None:
        facts["imported"] = {
            "source": source.source,
            "kind": source.kind,
            "sha256": source.sha256,
            "record": stored.import_record,
            "imported_at": utc_text(source.started_at),
        }
    if rendering is not None:
        facts["rendering"] = _of_rendering(rendering)
    return _lines(facts)


def written_asset(
    capture: Capture, stored: StoredAsset, page: StoredCapture, validated: datetime | None, *, body: str
) -> bytes:
    """The block of an asset's metadata record. `validated` is when that was fetched which a 304 is of."""
    return _lines(
        {
            "format": ASSET,
            **_of_fetch(capture, stored, body),
            "validated": None if validated is None else utc_text(validated),
            "page": _of_page(page),
        }
    )


def written_assets(page: StoredCapture, assets: Iterable[StoredAsset]) -> bytes:
    """The block of the metadata record that says what a page shows."""
    named = [[asset.url, utc_text(asset.fetched_at)] for asset in assets]
    return _lines({"format": ASSETS, "page": _of_page(page), "assets": named})


def read(block: bytes) -> dict[str, Any]:
    """The fields of a metadata record of ours, of any of its formats. Raises NotOurs."""
    facts: dict[str, Any] = {}
    try:
        for line in block.decode("ascii").splitlines():
            name, colon, value = line.partition(": ")
            if not colon:
                raise NotOurs
            facts[name] = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise NotOurs from error
    if facts.get("format") not in (FORMAT, ASSET, ASSETS):
        raise NotOurs
    return facts


def to_page(facts: Mapping[str, Any]) -> AssetPage:
    """The page that an asset's record, or that of a page's assets, is of. Raises NotOurs."""
    try:
        page = facts["page"]
        return AssetPage(_address(page["url"]), _address(page["final_url"]), _time(page["fetched_at"]))
    except (KeyError, TypeError, ValueError, OverflowError, UsageError) as error:
        raise NotOurs from error


def to_assets(facts: Mapping[str, Any]) -> tuple[AssetName, ...]:
    """The answers that a page shows. Raises NotOurs."""
    try:
        return tuple((_address(url), _time(moment)) for url, moment in facts["assets"])
    except (KeyError, TypeError, ValueError, OverflowError, UsageError) as error:
        raise NotOurs from error


def to_validated(facts: Mapping[str, Any]) -> datetime | None:
    """When that was fetched which a 304 is of. Raises NotOurs."""
    try:
        return None if facts.get("validated") is None else _time(facts["validated"])
    except (TypeError, ValueError, OverflowError) as error:
        raise NotOurs from error


def to_capture(facts: Mapping[str, Any], body: bytes | None) -> Capture:
    """The capture that was written. Raises NotOurs for fields that no capture has: the file may be anybody's."""
    try:
        error = facts.get("error")
        return Capture(
            url=_address(facts["url"]),
            fetched_at=_time(facts["fetched_at"]),
            hops=tuple(_hop(hop) for hop in facts["requests"]),
            request_headers=_headers(facts["request_headers"]),
            body=body,
            wire_size=_optional(facts.get("wire_size"), int),
            timings=Timings(**{name: _seconds(facts.get(f"time_{name}")) for name in _TIMINGS if _timed(facts, name)}),
            failure=None if error is None else Failure(code=_text(error), message=_text(facts["error_message"])),
            robots=facts.get("robots") if facts.get("robots") in ("obeyed", "ignored") else None,
        )
    except (KeyError, TypeError, ValueError, OverflowError, UsageError) as error:
        raise NotOurs from error


def to_rendering(facts: Mapping[str, Any], dom: bytes | None, screenshot: bytes | None) -> Rendering:
    """The rendering of the same record. Raises NotOurs."""
    try:
        drawn = facts["rendering"]
        error = drawn.get("error")
        return Rendering(
            url=_address(drawn["url"]),
            rendered_at=_time(drawn["rendered_at"]),
            browser=_text(drawn["browser"]),
            dom=dom,
            screenshot=screenshot,
            requests=tuple(_request(request) for request in drawn["requests"]),
            time_total=float(drawn["time_total"]),
            failure=None if error is None else Failure(code=_text(error), message=_text(drawn["error_message"])),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, UsageError) as error:
        raise NotOurs from error


def _of_fetch(capture: Capture, stored: StoredCapture | StoredAsset, body: str) -> dict[str, Any]:
    return {
        "url": capture.url,
        "final_url": stored.final_url,
        "fetched_at": utc_text(capture.fetched_at),
        "status": capture.status,
        "error": stored.error,
        "error_message": stored.error_message,
        "sha256": stored.sha256,
        "size": stored.size,
        "body": body,
        "wire_size": capture.wire_size,
        "robots": capture.robots,
        "requests": [asdict(hop) for hop in capture.hops],
        "request_headers": capture.request_headers,
        **{f"time_{name}": getattr(capture.timings, name) for name in _TIMINGS},
    }


def _of_page(page: StoredCapture) -> dict[str, str]:
    return {"url": page.url, "final_url": page.final_url, "fetched_at": utc_text(page.fetched_at)}


def _lines(facts: Mapping[str, Any]) -> bytes:
    return "".join(f"{name}: {json.dumps(value)}\r\n" for name, value in facts.items() if value is not None).encode()


def _of_rendering(rendering: Rendering) -> dict[str, Any]:
    failure = rendering.failure
    return {
        "url": rendering.url,
        "rendered_at": utc_text(rendering.rendered_at),
        "browser": rendering.browser,
        "sha256": rendering.sha256,
        "has_screenshot": rendering.screenshot is not None,
        "requests": [asdict(request) for request in rendering.requests],
        "time_total": rendering.time_total,
        "error": failure.code if failure else None,
        "error_message": failure.message if failure else None,
    }


def _hop(values: Mapping[str, Any]) -> Hop:
    status = _optional(values["status"], int)
    if status is not None and not 100 <= status <= 999:
        raise ValueError
    return Hop(
        url=_address(values["url"]),
        status=status,
        http_version=_optional(values["http_version"], str),
        headers=_headers(values["headers"]),
        peer=_optional(values["peer"], str),
    )


def _request(values: Mapping[str, Any]) -> PageRequest:
    kinds = {"status": int, "size": int, "refused": str}
    wanted = {field.name: values[field.name] for field in fields(PageRequest)}
    return PageRequest(**{name: _optional(value, kinds.get(name, str)) for name, value in wanted.items()})


def _headers(pairs: Any) -> Headers:
    if not isinstance(pairs, list):
        raise TypeError
    return tuple((_text(name), _text(value)) for name, value in pairs)


def _address(value: Any) -> str:
    check_url(_text(value))
    return str(value)


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _timed(facts: Mapping[str, Any], name: str) -> bool:
    return facts.get(f"time_{name}") is not None


def _seconds(value: Any) -> float:
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional(value: Any, kind: type) -> Any:
    if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
        raise TypeError
    return value
