"""How outlets look: a class a theme, by the name that outlets.toml calls it."""

from benchmarks.simulated_web.themes.frames import Theme
from benchmarks.simulated_web.themes.others import (
    Cjk,
    Headlines,
    Rtl,
    Static,
    Tables,
    WordsPortal,
    amp_page,
    print_page,
)
from benchmarks.simulated_web.themes.papers import DivSoup, Drupal, Magazine, PaperGrid
from benchmarks.simulated_web.themes.wordpress import Blogger, WpBlocks, WpClassic

THEMES: dict[str, Theme] = {
    "wp_blocks": WpBlocks(),
    "wp_classic": WpClassic(),
    "blogger": Blogger(),
    "paper_grid": PaperGrid(),
    "div_soup": DivSoup(),
    "magazine": Magazine(),
    "drupal": Drupal(),
    "tables": Tables(),
    "static": Static(),
    "headlines": Headlines(),
    "words_portal": WordsPortal(),
    "rtl": Rtl(),
    "cjk": Cjk(),
}

__all__ = ["THEMES", "Theme", "amp_page", "print_page"]
