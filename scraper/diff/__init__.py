"""Two texts of one page compared: what is an edit and what is none, by field, by paragraph and by word. No I/O."""

from scraper.diff.differences import Change, Differences, differences
from scraper.diff.paragraphs import Paragraph
from scraper.diff.words import Run

__all__ = ["Change", "Differences", "Paragraph", "Run", "differences"]
