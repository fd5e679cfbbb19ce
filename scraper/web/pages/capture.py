"""A capture: what was asked, what came, what it can show later, and what was read in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.capture import Headers
from scraper.errors import NotInArchive
from scraper.rewriting.assets import image_type
from scraper.store import Archive
from scraper.store.about_captures import AboutCapture
from scraper.store.assets import StoredAsset
from scraper.web.rendering import page, web_url
from scraper.web.replay.addresses import Addresses
from scraper.web.replay.headers import name_of, policy, saved_as
from scraper.web.replay.views import status_line
from scraper.web.visits import Answer, Route, Visit

_MOST_FIELDS = 300
"""Header fields of one answer that are shown."""
_MOST_ASSETS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of the fetch and its answer."""

    url: str
    status: str
    """With its name; empty where nothing was answered."""
    http_version: str | None
    peer: str | None
    headers: Headers
    more_headers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Addresses of the page as it was."""

    frame: str
    file: str
    bytes: str
    alone: str
    all: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureShown:
    about: AboutCapture
    headline: str | None
    """Of the text that it shows."""
    status: str
    asked: tuple[Asked, ...]
    """Redirects first; the last is the answer."""
    request_headers: Headers
    encoding: str | None
    """Content-Encoding, as the server stated it."""
    replayed: Replayed | None
    """None where there is nothing to see, or its address is none of the web."""
    explained: int | None
    """The capture whose explanation is this one's, too: an earlier one for an answer that nothing had changed."""
    assets: tuple[StoredAsset, ...]
    """Pictures, styles and fonts fetched with it, failures too."""
    more_assets: int


def read_about(archive: Archive, visit: Visit) -> CaptureShown:
    """Raises NotInArchive."""
    about = archive.about_capture(int(visit.parts["id"]))
    capture, stored = about.capture, about.stored
    shown = about.has_body and not stored.is_check
    assets = archive.assets().of(stored.id)
    return CaptureShown(
        about=about,
        headline=archive.headline(stored.id),
        status=status_line(stored.status),
        asked=tuple(
            Asked(
                url=hop.url,
                status=status_line(hop.status),
                http_version=hop.http_version,
                peer=hop.peer,
                headers=_shown(hop.headers),
                more_headers=max(0, len(hop.headers) - _MOST_FIELDS),
            )
            for hop in capture.hops
        ),
        request_headers=_sent(capture.request_headers),
        encoding=capture.header("content-encoding"),
        replayed=_replayed(about, visit) if shown or about.shows is not None else None,
        explained=stored.id if shown else about.shows,
        assets=tuple(assets[:_MOST_ASSETS]),
        more_assets=max(0, len(assets) - _MOST_ASSETS),
    )


def _shown(headers: Headers) -> Headers:
    # Captures have no secrets in them; whoever wrote this file may have been another program.
    from scraper.fetch.headers import recordable_answer

    return recordable_answer(headers[:_MOST_FIELDS])


def _sent(headers: Headers) -> Headers:
    from scraper.fetch.headers import recordable_request

    return recordable_request(headers[:_MOST_FIELDS])


def _replayed(about: AboutCapture, visit: Visit) -> Replayed | None:
    url, moment = about.page.url, about.stored.fetched_at
    if not web_url(url):
        return None
    addresses = Addresses("", visit.chosen)
    return Replayed(
        frame=addresses.capture(moment, url),
        file=addresses.capture(moment, url, "sf_"),
        bytes=addresses.capture(moment, url, "id_"),
        alone=addresses.capture(moment, url, "pr_"),
        all=addresses.all(url),
    )


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("capture.html", visit, shown=read_about(archive, visit))


def _show_screenshot(archive: Archive, visit: Visit) -> Answer:
    """The picture that a browser took of the page. Raises NotInArchive and BlobCorrupt."""
    about = archive.about_capture(int(visit.parts["id"]))
    drawn = about.drawn
    if drawn is None or drawn.screenshot_sha256 is None:
        raise NotInArchive(f"There is no picture of capture {about.stored.id}")
    picture = archive.body(drawn.screenshot_sha256)
    if image_type(picture) != "image/png":
        name = f"{name_of(about.stored.final_url, about.stored.fetched_at)}.bin"
        headers = {**policy("data"), **saved_as(name)}
        return Answer(body=picture, content_type="application/octet-stream", headers=headers)
    return Answer(body=picture, content_type="image/png", headers=policy("data"))


ROUTES: Sequence[Route] = (
    Route(r"/capture/(?P<id>\d{1,15})", _show),
    Route(r"/capture/(?P<id>\d{1,15})/screenshot\.png", _show_screenshot),
)
