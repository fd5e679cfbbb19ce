"""Pages that a browser saved as one HTML file. They are what the browser made of a page, not what the server sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from scraper.capture import Capture, Hop
from scraper.errors import UsageError
from scraper.export.found import Found
from scraper.urls import check_url

_HEAD = 64 * 1024
"""Bytes in which a page says where it is from."""
_SINGLEFILE = re.compile(rb"<!--\s+Page saved with SingleFile\b(.*?)-->", re.DOTALL)
_URL_LINE = re.compile(rb"^\s*url:\s*(\S+)", re.MULTILINE)
_DATE_LINE = re.compile(rb"^\s*saved date:\s*([^\r\n]+)", re.MULTILINE)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{4,}\)(\S+)\s*-->")
_CANONICAL = re.compile(rb"<link\b[^>]*\brel\s*=\s*[\"']?canonical\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_UTC_OFFSET = re.compile(r"GMT([+-]\d{4})")


def read_saved_page(path: Path, *, url: str | None, max_body: int) -> Found:
    """A saved page as a capture. `url` is where it is from, where the page itself does not say so.

    Its time is that of its saving as SingleFile notes it, else when the file was last changed.
    Raises UsageError for a file that cannot be read, is too large, or does not say where it is from.
    """
    try:
        size = path.stat().st_size
        if size > max_body:
            raise UsageError(f"{path} is too large", why=f"it has {size:,} bytes, and a page {max_body:,} at most")
        content = path.read_bytes()
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error
    address, saved_at, how = _origin(content[:_HEAD], url)
    if address is None:
        raise UsageError(
            f"{path} does not say which page it is",
            why="it holds no comment of SingleFile or of a browser, and no canonical link",
            next_step=f"scrape import {path} --url https://example.com/story",
        )
    try:
        address = check_url(address).partition("#")[0]
    except UsageError as error:
        raise UsageError(f"{path}: its address is none of a web page", why=error.what) from error
    capture = Capture(
        url=address,
        fetched_at=saved_at or modified,
        # There was an answer, but nobody kept it: 200 stands for "here is the page".
        hops=(Hop(url=address, status=200, headers=(("Content-Type", "text/html"),)),),
        body=content,
    )
    when = "" if saved_at else "; its time is the file's"
    remarks = () if how in ("SingleFile", "a browser", "--url") else (f"{path}: its address is from {how}",)
    return Found(capture, f"{path.name} (a saved page; its address is from {how}{when})", remarks=remarks)


def _origin(head: bytes, url: str | None) -> tuple[str | None, datetime | None, str]:
    """Address and time as the page states them, and who says so."""
    single = _SINGLEFILE.search(head)
    stated = single and _URL_LINE.search(single[1])
    date = single and _DATE_LINE.search(single[1])
    saved_at = _parse_date(date[1].decode("utf-8", "replace")) if date else None
    if stated:
        return _text(stated[1]), saved_at, "SingleFile"
    saved = _SAVED_FROM.search(head)
    if saved and saved[1].lower().startswith((b"http:", b"https:")):
        return _text(saved[1]), saved_at, "a browser"
    if url is not None:
        return url, saved_at, "--url"
    link = _CANONICAL.search(head)
    href = link and _HREF.search(link[0])
    if href:
        return _text(next(filter(None, href.groups()), b"")), saved_at, "its canonical link"
    return None, saved_at, ""


def _text(raw: bytes) -> str:
    from html import unescape

    return unescape(raw.decode("utf-8", "replace"))


def _parse_date(text: str) -> datetime | None:
    """SingleFile writes dates as JavaScript does: `Tue Jul 23 2024 12:15:00 GMT+0200 (Central European …)`."""
    text = text.strip()
    offset = _UTC_OFFSET.search(text)
    try:
        if offset:
            start = text[: offset.start()].strip()
            return datetime.strptime(f"{start} {offset[1]}", "%a %b %d %Y %H:%M:%S %z")
        moment = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None
