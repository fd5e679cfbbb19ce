"""Health: whether what a run brought is what its sites usually bring, and who is told when it is not."""

from __future__ import annotations

from scraper.crawl.health.alarms import Findings, judge_jobs, judge_run
from scraper.crawl.health.baseline import ENOUGH, MEMORY
from scraper.crawl.health.job_troubles import trouble_of_job
from scraper.crawl.health.measures import Watched, watched_of
from scraper.crawl.health.normal import SiteNormal, normal_of, normal_of_runs
from scraper.crawl.health.notices import HealthSettings, health_settings, send_notices
from scraper.crawl.health.shares import Share

__all__ = [
    "ENOUGH",
    "MEMORY",
    "Findings",
    "HealthSettings",
    "Share",
    "SiteNormal",
    "Watched",
    "health_settings",
    "judge_jobs",
    "judge_run",
    "normal_of",
    "normal_of_runs",
    "send_notices",
    "trouble_of_job",
    "watched_of",
]
