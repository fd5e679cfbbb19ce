"""The archive: captures, bodies, revisions and search in one SQLite file. `Archive` is the way in."""

from scraper.store.archive import Archive
from scraper.store.captures import StoredCapture
from scraper.store.filters import Day
from scraper.store.freshness import Validators
from scraper.store.hosts import HostState, Lease, StoredRobots
from scraper.store.processes import named
from scraper.store.reading import Order
from scraper.store.revisions import State, Stored
from scraper.store.runs import RunState
from scraper.store.search import SearchHit
from scraper.store.stats import Stats

__all__ = [
    "Archive",
    "Day",
    "HostState",
    "Lease",
    "Order",
    "RunState",
    "SearchHit",
    "State",
    "Stats",
    "Stored",
    "StoredCapture",
    "StoredRobots",
    "Validators",
    "named",
]
