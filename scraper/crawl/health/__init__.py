"""Health: whether what a run brought is what its sites usually bring, and who is told when it is not."""

from __future__ import annotations

from scraper.crawl.health.alarms import Findings, judge_jobs, judge_run
from scraper.crawl.health.normal import SiteNormal, normal_of
from scraper.crawl.health.notices import HealthSettings, health_settings, send_notices

__all__ = [
    "Findings",
    "HealthSettings",
    "SiteNormal",
    "health_settings",
    "judge_jobs",
    "judge_run",
    "normal_of",
    "send_notices",
]
