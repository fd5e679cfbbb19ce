"""Which blocks of a page are the article's text: measured on the page's outline, judged by a fitted model."""

from scraper.extract.blocks.judge import Hints, Opinion, judge_blocks
from scraper.extract.blocks.model import BlockModel, packaged_model

__all__ = ["BlockModel", "Hints", "Opinion", "judge_blocks", "packaged_model"]
