"""The archive: captures, bodies, revisions and search in one SQLite file. `Archive` is the way in."""

from scraper.store.archive import Archive
from scraper.store.captures import StoredCapture
from scraper.store.changes import Duplicate, Edit, Seen
from scraper.store.custody import Head
from scraper.store.filters import Day
from scraper.store.fixity import Checked
from scraper.store.freshness import Validators
from scraper.store.hosts import HostState, Lease, StoredRobots
from scraper.store.imports import Import, ImportCounts, ImportKind
from scraper.store.processes import named
from scraper.store.reading import Order
from scraper.store.reextraction import Reread
from scraper.store.retention import Removable, Retention
from scraper.store.revisions import State, Stored
from scraper.store.rows import Rows
from scraper.store.runs import RunState
from scraper.store.search import SearchHit
from scraper.store.stats import Stats
from scraper.store.timestamping import Timestamp

__all__ = [
    "Archive",
    "Checked",
    "Day",
    "Duplicate",
    "Edit",
    "Head",
    "HostState",
    "Import",
    "ImportCounts",
    "ImportKind",
    "Lease",
    "Order",
    "Removable",
    "Reread",
    "Retention",
    "Rows",
    "RunState",
    "SearchHit",
    "Seen",
    "State",
    "Stats",
    "Stored",
    "StoredCapture",
    "StoredRobots",
    "Timestamp",
    "Validators",
    "named",
]
