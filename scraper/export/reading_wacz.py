"""The WARC files of a WACZ, read where they are: nothing of the ZIP is unpacked, and no path in it is followed."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from scraper.errors import UsageError
from scraper.export.found import Damage, Item
from scraper.export.sifting import Sift
from scraper.export.warc.pages import read_pages

_WARC = (".warc", ".warc.gz", ".warc.zst")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


def read_wacz(path: Path, *, max_body: int, sift: Sift | None = None, file: BinaryIO | None = None) -> Iterator[Item]:
    """The pages of a WACZ as captures, and what could not be made one. Raises UsageError for what is no WACZ.

    The pages are those of its WARC files: its index and its list of pages only repeat what these say. `file` is what
    stands at `path`, where that is open already.
    """
    try:
        package = zipfile.ZipFile(file or path)
    except _ZIP_ERRORS as error:
        raise UsageError(f"{path} is no WACZ", why=str(error)) from error
    with package:
        members = [info for info in package.infolist() if _is_warc(info)]
        if not members:
            raise UsageError(f"{path} is no WACZ", why="there is no WARC file in its folder archive")
        for info in members:
            try:
                with package.open(info) as member:
                    yield from read_pages(cast("BinaryIO", member), max_body=max_body, sift=sift)
            except UsageError as error:
                yield Damage(f"{error.what}: {error.why}" if error.why else error.what, info.filename)
            except _ZIP_ERRORS as error:
                yield Damage(str(error), info.filename)


def _is_warc(info: zipfile.ZipInfo) -> bool:
    return info.filename.startswith("archive/") and info.filename.lower().endswith(_WARC) and not info.is_dir()
