"""Folders of site files: which file is in force for a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from scraper.errors import SiteFileError
from scraper.extract.sitefiles.checking import Checker, load_site_file
from scraper.extract.sitefiles.schema import SiteFile
from scraper.urls import host_of

_HOSTS = re.compile(r"^hosts\s*=\s*\[[^\]]*\]", re.MULTILINE)


class SiteFiles:
    """The site files in force, found by host. A file given as a path is read when a page of one of its hosts is."""

    def __init__(self, files: Iterable[SiteFile | Path] = ()) -> None:
        self._files: list[SiteFile | Path] = list(files)
        self._by_host: dict[str, int] = {}
        for number, file in enumerate(self._files):
            for host in _hosts_of(file) if isinstance(file, Path) else file.hosts:
                other = self._by_host.setdefault(host, number)
                if other != number:
                    raise SiteFileError(
                        f"{_path(file)}: hosts: {host} is already covered by {_path(self._files[other])}",
                        next_step="keep each host in one file",
                    )

    @property
    def files(self) -> tuple[SiteFile, ...]:
        """Every file, read and checked. Raises SiteFileError for the first that is not valid."""
        return tuple(self._file(number) for number in range(len(self._files)))

    def for_url(self, url: str | None) -> SiteFile | None:
        """The file whose host is the URL's host or the nearest domain above it."""
        host = host_of(url) if url else ""
        while host:
            if host in self._by_host:
                return self._file(self._by_host[host])
            host = host.partition(".")[2]
        return None

    def _file(self, number: int) -> SiteFile:
        file = self._files[number]
        if isinstance(file, Path):
            file = self._files[number] = load_site_file(file)
        return file


def _path(file: SiteFile | Path) -> Path | None:
    return file if isinstance(file, Path) else file.path


def _hosts_of(path: Path) -> tuple[str, ...]:
    """The hosts a file names, without parsing the rest of it where they are written as every example writes them."""
    try:
        written = _HOSTS.search(path.read_text(encoding="utf-8").partition("[[layout]]")[0])
        return Checker(path).hosts(tomllib.loads(written[0])) if written else load_site_file(path).hosts
    except (OSError, ValueError):
        return load_site_file(path).hosts


def packaged_folder() -> Path:
    """The site files that came with this package: beside its modules when installed, at the top of a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "selectors"
    return installed if installed.is_dir() else package.parent / "selectors"


@lru_cache(maxsize=8)
def load_site_files(folder: Path | None = None) -> SiteFiles:
    """Every `*.toml` of `folder`, checked now: SiteFileError for the first that is not valid.

    Without a folder, the packaged ones. Tests vouch for those; each is read when a page of its hosts comes up.
    """
    if folder is None:
        return SiteFiles(sorted(packaged_folder().glob("*.toml")))
    if not folder.is_dir():
        raise SiteFileError(f"No such folder: {folder}", next_step="check the path given to --selectors")
    return SiteFiles(load_site_file(path) for path in sorted(folder.glob("*.toml")))
