"""Asking a hub: the request of a subscription or of its end, W3C WebSub, section 5.1."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from scraper.capture import Capture
from scraper.errors import UsageError
from scraper.fetch import Fetcher
from scraper.store import Subscription
from scraper.store.websub import Mode
from scraper.urls import check_url, resolve

_ANSWER_SIZE = 64 * 1024
_MOST_MOVES = 3
_MOVED = frozenset({301, 302, 307, 308})
"""Redirects to where the same is to be asked; 303 leads to a page that says how it went."""


async def ask_hub(fetcher: Fetcher, subscription: Subscription, mode: Mode, lease: timedelta) -> str | None:
    """Ask a hub to tell us of a topic, or not to any more; why that failed, in words. None when it took the request.

    What it makes of it, it says at the callback. `fetcher` follows no redirects by itself: it would ask for a page at
    the other end, where the request has to be made again.
    """
    form = {
        "hub.mode": mode,
        "hub.topic": subscription.topic.url,
        "hub.callback": subscription.callback,
        # To hubs without TLS as well: a notification that anybody can read is signed all the same.
        "hub.secret": subscription.secret,
    }
    if mode == "subscribe":
        form["hub.lease_seconds"] = str(int(lease.total_seconds()))
    content = urlencode(form).encode("ascii")
    url = subscription.topic.hub
    for _ in range(1 + _MOST_MOVES):
        try:
            answer = await fetcher.post(
                check_url(url), content, content_type="application/x-www-form-urlencoded", max_body=_ANSWER_SIZE
            )
        except UsageError as error:
            return str(error)
        target = _moved_to(answer)
        if target is None:
            return _refusal(answer)
        if url.startswith("https:") and not target.startswith("https:"):
            return "it leads to an address that is not encrypted"
        url = target
    return f"it was redirected more than {_MOST_MOVES} times"


def _moved_to(answer: Capture) -> str | None:
    location = answer.header("location")
    return resolve(location, answer.final_url) if answer.status in _MOVED and location else None


def _refusal(answer: Capture) -> str | None:
    status = answer.status
    if status is not None and 200 <= status < 300:
        return None  # a body that is too long, or cut short, is nobody's concern
    if status is None or status < 300:
        failure = answer.failure
        return failure.message if failure is not None else "there was no answer"
    is_text = (answer.content_type or "").startswith("text/plain")
    said = " ".join((answer.body or b"")[:300].decode("utf-8", "replace").split()) if is_text else ""
    return f"it answered {status}: {said}" if said else f"it answered {status}"
