"""WebSub: hubs that feeds name, and what hubs were asked for."""

from __future__ import annotations

from scraper.store.dictionary.notation import COUNT, ID, TEXT, TIME, URL, Tables

TABLES: Tables = {
    "source_hubs": {
        "source_id": (ID, "sources.id of a feed"),
        "hub": (URL, "A WebSub hub that it names"),
        "topic": (URL, "The address under which hubs know the feed: the one that it gives itself"),
    },
    "websub_subscriptions": {
        "id": (ID, "Number of the subscription in this file"),
        "topic": (URL, "What the hub is to tell news of: source_hubs.topic"),
        "hub": (URL, "Who is to tell"),
        "callback": (URL, "Where it is to call; a secret that only the hub knows"),
        "token": (TEXT, "The end of callback, by which a call is recognised"),
        "secret": (TEXT, "What the hub signs with what it sends"),
        "state": (TEXT, "pending: the hub has not verified it; active; denied by the hub; leaving: it is to end"),
        "made_at": (TIME, "When it was first wanted"),
        "asked": (TEXT, "What the hub was asked for last: subscribe or unsubscribe; null if for nothing yet"),
        "asked_at": (TIME, "When"),
        "lease_ends_at": (TIME, "Until when the hub tells of news; null until it has verified"),
        "next_at": (TIME, "When the hub is asked next: before the lease ends, or after it did not answer"),
        "tries": (COUNT, "How often it was asked since it last verified"),
        "error": (TEXT, "Why the last request failed, or the hub's reason to deny it; null if nothing is known"),
        "notifications": (COUNT, "Signed notifications that came"),
        "rejected": (COUNT, "Those that came without a right signature, and were ignored"),
        "notified_at": (TIME, "When the last signed one came"),
    },
}
