"""The archive: captures, bodies, revisions and search in one SQLite file. `Archive` is the way in."""

from scraper.store.alarms import Alarm, AlarmKind, Channel, Notice, Severity, Trouble
from scraper.store.archive import Archive
from scraper.store.assets import AssetRecords, AssetTotals, KnownAsset, StoredAsset
from scraper.store.captures import StoredCapture
from scraper.store.changes import Duplicate, Edit, Seen
from scraper.store.crawl_queue import CrawlQueue
from scraper.store.custody import Head
from scraper.store.filters import Day
from scraper.store.fixity import Checked
from scraper.store.freshness import Validators
from scraper.store.frontier import Counts, Find, FrontierPage, Settlement
from scraper.store.health import Example, FieldSeen, HealthRecords, Look, LookedAt
from scraper.store.hits import SearchHit
from scraper.store.hosts import HostState, Lease, StoredRobots
from scraper.store.imports import Import, ImportCounts, ImportKind
from scraper.store.jobs import JobRun, StoredJob
from scraper.store.pages import StoredPage
from scraper.store.processes import named
from scraper.store.reading import Order
from scraper.store.reextraction import Reread
from scraper.store.retention import Removable, Retention
from scraper.store.revisions import State, Stored
from scraper.store.revisits import Habits
from scraper.store.rows import Rows
from scraper.store.runs import RunState
from scraper.store.site_measures import SiteMeasures
from scraper.store.sources import Source, SourceCheck, SourceKind, SourceState
from scraper.store.stats import Stats
from scraper.store.timestamping import Timestamp
from scraper.store.websub import Subscription, Topic, WebSubRecords

__all__ = [
    "Alarm",
    "AlarmKind",
    "Archive",
    "AssetRecords",
    "AssetTotals",
    "Channel",
    "Checked",
    "Counts",
    "CrawlQueue",
    "Day",
    "Duplicate",
    "Edit",
    "Example",
    "FieldSeen",
    "Find",
    "FrontierPage",
    "Habits",
    "Head",
    "HealthRecords",
    "HostState",
    "Import",
    "ImportCounts",
    "ImportKind",
    "JobRun",
    "KnownAsset",
    "Lease",
    "Look",
    "LookedAt",
    "Notice",
    "Order",
    "Removable",
    "Reread",
    "Retention",
    "Rows",
    "RunState",
    "SearchHit",
    "Seen",
    "Settlement",
    "Severity",
    "SiteMeasures",
    "Source",
    "SourceCheck",
    "SourceKind",
    "SourceState",
    "State",
    "Stats",
    "Stored",
    "StoredAsset",
    "StoredCapture",
    "StoredJob",
    "StoredPage",
    "StoredRobots",
    "Subscription",
    "Timestamp",
    "Topic",
    "Trouble",
    "Validators",
    "WebSubRecords",
    "named",
]
