"""Why each part of a captured page was kept or left out, and where each field comes from: on it, and beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from scraper.errors import NotInArchive
from scraper.rewriting.marks import Label
from scraper.store import Archive
from scraper.store.captures import StoredCapture
from scraper.web.explaining import Explained, ExplainedBlock
from scraper.web.guard import OURS
from scraper.web.rendering import page, web_url
from scraper.web.replay.addresses import Addresses
from scraper.web.replay.files import HEAD, link_within, notes_on
from scraper.web.replay.headers import policy
from scraper.web.replay.wording import messages_in
from scraper.web.visits import Answer, Route, Services, Visit, Waiting

CAPTURES = "/capture/"
"""What the addresses begin with that state their own policy: a page of ours with a frame, and what stands in it."""
FRAME = "explained-page"
"""The name of that frame."""
_WITH_FRAME = f"{OURS}; frame-src 'self'"
_SIGNS = {True: "✓", False: "✕"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationShown:
    capture: StoredCapture
    headline: str | None
    explained: Explained
    marked: frozenset[int]
    """The blocks that have a mark in the page: of some, such as those of a menu that is left out, nothing is shown."""
    frame: str
    """The address of the page with its marks; empty where there is none."""
    replay: str


def _show(archive: Archive, visit: Visit) -> Waiting[Explained]:
    """Raises NotInArchive."""
    capture = _capture_with_body(archive, visit)
    url = archive.page(capture.page_id).url

    async def wait(services: Services) -> Explained:
        return await services.explainer.explained(capture)

    def then(archive: Archive, explained: Explained) -> Answer:
        document = explained.document
        shown = ExplanationShown(
            capture=capture,
            headline=explained.explanation.headline or archive.headline(capture.id),
            explained=explained,
            marked=frozenset() if document is None else document.marked,
            frame="" if document is None else visit.link(f"{CAPTURES}{capture.id}/explain/page"),
            replay=Addresses("", visit.chosen).capture(capture.fetched_at, url) if web_url(url) else "",
        )
        answer = page("explain.html", visit, shown=shown, frame_name=FRAME, signs=_SIGNS)
        return replace(answer, headers={**answer.headers, "Content-Security-Policy": _WITH_FRAME})

    return Waiting(wait, then)


def _show_page(archive: Archive, visit: Visit) -> Answer | Waiting[tuple[Explained, set[str]]]:
    """The page with its blocks marked, for the frame. Raises NotInArchive."""
    capture = _capture_with_body(archive, visit)
    around = visit.link(f"{CAPTURES}{capture.id}/explain")
    if not visit.in_frame:
        # What the page says must not be taken for what we say: it stands in its frame, or not at all.
        return Answer(status=302, content_type="text/plain", headers={**policy("data"), "Location": around})

    async def wait(services: Services) -> tuple[Explained, set[str]]:
        explained = await services.explainer.explained(capture)
        return explained, await services.explainer.held(explained)

    def then(archive: Archive, found: tuple[Explained, set[str]]) -> Answer:
        explained, held = found
        if explained.document is None:
            said = str(explained.problem or NotInArchive("There is nothing to show"))
            return Answer(body=f"{said}\n".encode(), content_type="text/plain; charset=utf-8", headers=policy("framed"))
        say = messages_in(visit.messages.language.code).say
        body = explained.document.written(
            link_within(Addresses("", visit.chosen), capture.fetched_at, held, say),
            head=HEAD + _style(explained.mark),
            body=notes_on(explained.document.notes, say),
            label=_labels(explained, visit, around),
        )
        return Answer(body=body, headers={**policy("framed"), "Vary": "Accept-Language"})

    return Waiting(wait, then)


def _capture_with_body(archive: Archive, visit: Visit) -> StoredCapture:
    capture = archive.stored_capture(int(visit.parts["id"]))
    if capture.sha256 is None or capture.is_check:
        before = archive.shown_before(capture.id) if capture.is_check else None
        raise NotInArchive(
            f"Capture {capture.id} brought no page to explain",
            why="" if before is None else f"the server said that nothing had changed since capture {before}",
            next_step=f"look at {CAPTURES}{capture.id}" if before is None else f"look at {CAPTURES}{before}/explain",
        )
    return capture


# --- Marks in the page -----------------------------------------------------------------------------------------------


def _labels(explained: Explained, visit: Visit, around: str) -> Callable[[Label], str]:
    """What writes the sign at the beginning of a block: which it is, and a link to where the reason stands."""
    blocks = {block.index: block for block in explained.explanation.blocks}

    def label(place: Label) -> str:
        block = blocks[place.block]
        name, sign = f"{explained.mark}-label", _SIGNS[block.kept]
        shown = escape(" ".join([f"{sign} {block.index + 1}", *(_field(visit, field) for field in block.fields)]))
        said = escape(_said(visit, block))
        if place.in_link:
            inner = shown
        else:
            inner = f'<a href="{escape(around)}#block-{block.index + 1}" target="_top" aria-label="{said}">{shown}</a>'
        kind = "kept" if block.kept else "dropped"
        return f'<{name} id="{explained.id_of(block.index)}" class="{kind}" title="{said}">{inner}</{name}>'

    return label


def _said(visit: Visit, block: ExplainedBlock) -> str:
    key = "explain.label_kept" if block.kept else "explain.label_dropped"
    return visit.say(key, number=block.index + 1, reason=block.reason)


def _field(visit: Visit, name: str) -> str:
    return visit.say(f"field.{name}") if visit.messages.has(f"field.{name}") else name


def _style(mark: str) -> str:
    """Told apart by the line around them and by their signs, too; whatever colours the page has, text is legible."""
    text = "color:#111!important;-webkit-text-fill-color:#111!important;text-shadow:none!important;"
    label = (
        "all:initial!important;display:inline-block!important;font:700 12px/1.3 system-ui,sans-serif!important;"
        "padding:0 4px!important;margin-block:1px!important;margin-inline:0 4px!important;border-radius:3px!important;"
        "white-space:nowrap!important;scroll-margin:40vh 0!important"
    )
    kept = "background:#1d6b2e!important;color:#fff!important;border:2px solid #1d6b2e!important"
    dropped = "background:#fff!important;color:#a3281d!important;border:2px dashed #a3281d!important"
    rules = {
        f"{mark}.kept": f"{text}background:#d5f0da!important;outline:2px solid #1d6b2e!important",
        f"{mark}.dropped": f"{text}background:#fbe4e1!important;outline:2px dashed #a3281d!important",
        f"{mark}-label": label,
        f"{mark}-label.kept": kept,
        f"{mark}-label.dropped": dropped,
        f"{mark}-label:target": "box-shadow:0 0 0 4px #f2c200!important",
        f"{mark}-label>a": "all:unset!important;cursor:pointer!important;-webkit-text-fill-color:inherit!important",
        f"{mark}-label>a:focus-visible": "outline:3px solid #1f5a7a!important;outline-offset:4px!important",
    }
    return f"<style>{''.join(f'{which}{{{what}}}' for which, what in rules.items())}</style>"


ROUTES = (
    Route(r"/capture/(?P<id>\d{1,15})/explain", _show),
    Route(r"/capture/(?P<id>\d{1,15})/explain/page", _show_page),
)
