"""WebSub (once PubSubHubbub): hubs tell at once of news in a feed, and it is fetched without waiting for the next look.

callbacks    what hubs send, and what they are answered
signatures   whether a notification is signed with the secret that only its hub was told
upkeep       subscriptions made, renewed and ended; `hubs` asks for them, `leases` says when again
server       a small HTTP server with bounds
places       the public address of callbacks, and where behind it we listen
listener     all of it together; `due_crawl` fetches
"""

from __future__ import annotations

from scraper.crawl.websub.callbacks import HubEvent, Report
from scraper.crawl.websub.due_crawl import DueCrawl, due_crawl
from scraper.crawl.websub.listener import Listening, listen, stop_listening
from scraper.crawl.websub.places import bind_address, callback_base

__all__ = [
    "DueCrawl",
    "HubEvent",
    "Listening",
    "Report",
    "bind_address",
    "callback_base",
    "due_crawl",
    "listen",
    "stop_listening",
]
