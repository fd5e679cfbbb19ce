"""Jobs: crawls with a name and a schedule, given by command or in scrape.toml, kept in the archive."""

from __future__ import annotations

from scraper.crawl.jobs.definitions import KEYS, START_KINDS, Job, Start, StartKind, job_of, stored_job
from scraper.crawl.jobs.file import FileJobs, file_jobs
from scraper.crawl.jobs.given import Given
from scraper.crawl.jobs.options import JobOptions
from scraper.crawl.jobs.schedule import Schedule
from scraper.crawl.jobs.scope import Scope
from scraper.crawl.jobs.table import (
    add_job,
    claim_job,
    due_jobs,
    due_lock,
    finish_job_run,
    keep_typed,
    load_job,
    load_jobs,
    pause_job,
    remove_job,
    resume_job,
    synchronise,
    with_file,
)
from scraper.store.jobs import JobRun

__all__ = [
    "KEYS",
    "START_KINDS",
    "FileJobs",
    "Given",
    "Job",
    "JobOptions",
    "JobRun",
    "Schedule",
    "Scope",
    "Start",
    "StartKind",
    "add_job",
    "claim_job",
    "due_jobs",
    "due_lock",
    "file_jobs",
    "finish_job_run",
    "job_of",
    "keep_typed",
    "load_job",
    "load_jobs",
    "pause_job",
    "remove_job",
    "resume_job",
    "stored_job",
    "synchronise",
    "with_file",
]
