"""Everything fitted that extraction applies, as one value: which text, which kind of page, which day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scraper.extract.blocks import BlockModel, packaged_model
from scraper.extract.dates.model import DateModel, packaged_date_model
from scraper.extract.page_type import PageTypeModel, packaged_page_type_model

BLOCKS, PAGE_TYPE, DATES = "blocks.npz", "page_type.npz", "dates.toml"
"""Names of the files in a folder of models; `training` writes one a fold of its cross-validation."""


@dataclass(frozen=True, slots=True)
class Models:
    blocks: BlockModel
    page_type: PageTypeModel
    dates: DateModel

    @classmethod
    def load(cls, folder: Path) -> Models:
        """Read the three files of a folder. Raises OSError or ValueError when one is missing or is none."""
        return cls(
            BlockModel.load(folder / BLOCKS),
            PageTypeModel.load(folder / PAGE_TYPE),
            DateModel.load(folder / DATES),
        )


@cache
def packaged_models() -> Models:
    """The models that ship with this package."""
    return Models(packaged_model(), packaged_page_type_model(), packaged_date_model())
