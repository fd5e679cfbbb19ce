"""The jobs of a scrape.toml: a table `[jobs.NAME]` each, its keys as the options of `scrape jobs add`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.crawl.jobs.definitions import KEYS, Job, check_name, job_of
from scraper.crawl.jobs.given import Given
from scraper.errors import ConfigError
from scraper.settings import load_config


@dataclass(frozen=True, slots=True)
class FileJobs:
    """What a scrape.toml says of jobs."""

    path: Path
    jobs: tuple[Job, ...] = ()

    def of_name(self, name: str) -> Job | None:
        return next((job for job in self.jobs if job.name == name), None)


def file_jobs(path: Path, *, required: bool = False) -> FileJobs:
    """The jobs of the file, checked; none when there is no such file and it is not `required`. Raises ConfigError."""
    tables = load_config(path, required=required).get("jobs", {})
    return FileJobs(path, tuple(_job(path, name, keys) for name, keys in tables.items()))


def _job(path: Path, name: str, keys: object) -> Job:
    table = f"{path}: jobs.{name}"
    if not isinstance(keys, dict):
        raise ConfigError(f"{table} is no table", next_step=f"write [jobs.{name}], and its keys below")
    given = Given(keys, where=lambda key: table if key == "name" else f"{table}.{key}", kind=ConfigError)
    check_name(name, given)
    for key in keys:
        if key not in KEYS:
            raise ConfigError(f"{path}: unknown key jobs.{name}.{key}", next_step=f"known keys: {', '.join(KEYS)}")
    return job_of(name, given, origin="file")
