"""Articles as a folder of Markdown files, each with its fields as YAML in front, and an index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from scraper.article import Article
from scraper.export.about import About
from scraper.export.body import (
    Block,
    Cell,
    Figure,
    Heading,
    Inline,
    LineBreak,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Preformatted,
    Quote,
    Table,
    blocks_of,
)
from scraper.export.cells import json_text, utf8
from scraper.export.fields import Field, columns, flat
from scraper.export.readme import readme
from scraper.export.stated import day_parts, day_text

_NOT_IN_FRONT = ("body", "body_html", "links", "provenance")
_LONGEST_SLUG = 80
"""Bytes: with date and number, a name fits also where 143 bytes are the most, as on encrypted folders."""
# What YAML takes for the end of a line or forbids, beyond what JSON escapes; all JSON is YAML otherwise.
_NOT_YAML = re.compile("[\ufffe\uffff]")


def fields() -> tuple[Field, ...]:
    """The keys of the front matter."""
    return tuple(field for field in columns() if field.name not in _NOT_IN_FRONT)


def write_markdown(articles: Iterable[Article], folder: Path, about: About) -> int:
    """A file an article, `index.md` and `README.md`, in a folder that is there and empty."""
    count = 0
    with (folder / "index.md").open("wb") as index:
        index.write(utf8(f"# News articles\n\n{_line(about.selection.in_words())}; {about.made_at_text}\n\n"))
        for article in articles:
            name = file_name(article, each_revision=about.selection.all_revisions)
            (folder / name).write_bytes(utf8(as_file(article)))
            index.write(utf8(f"- {_index_line(article, name)}\n"))
            count += 1
        index.write(utf8(f"\n{count} files.\n" if count != 1 else "\n1 file.\n"))
    about_files = (
        "`index.md` lists the articles, newest first. Each has a file of its own: its fields in front, as YAML (every"
        " value is JSON, too), then headline, lead and text. The name of a file is the day of publication, the headline"
        " and the article's number in the archive."
    )
    (folder / "README.md").write_bytes(utf8(readme(about, count=count, contents=about_files, fields=fields())))
    return count


def file_name(article: Article, *, each_revision: bool) -> str:
    """`2024-07-22-the-headline-12.md`: unique by the number at its end, and a name on every file system.

    Letters and digits of all scripts stay. Nothing of a page can make it a path, a device or a hidden file.
    """
    day = day_text(article.published_at) if len(day_parts(article.published_at)) == 3 else "undated"
    revision = f"-r{article.revision}" if each_revision else ""
    return "-".join(part for part in (day, _slug(article.headline or ""), str(article.id)) if part) + f"{revision}.md"


def _slug(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower()
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text).split()
    words = [word for word in words if any(map(str.isalnum, word))]  # not what an emoji leaves behind
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer.encode()) > _LONGEST_SLUG:
            break
        slug = longer
    # Words that are longer than that by themselves, as in languages without spaces.
    cut = slug or words[0].encode()[:_LONGEST_SLUG].decode(errors="ignore") if words else ""
    return unicodedata.normalize("NFC", cut)


def as_file(article: Article) -> str:
    """Front matter, headline, lead and text."""
    values = flat(article)
    front = [f"{field.name}: {_NOT_YAML.sub(_as_escape, json_text(values[field.name]))}" for field in fields()]
    lines = ["---", *front, "---", "", f"# {_line(article.headline or '(no headline)')}", ""]
    if article.lead:
        lines += [f"**{_line(article.lead)}**", ""]
    for block in blocks_of(article):
        lines += [*_block(block), ""]
    if article.body is None:
        lines += [_line(f"({article.verdict}: {article.verdict_reason or 'no text'})"), ""]
    return "\n".join(lines)


def _as_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _index_line(article: Article, name: str) -> str:
    when = day_text(article.published_at) or "undated"
    revision = f", revision {article.revision}" if article.revision != 1 else ""
    return (
        f"{when} [{_line(article.headline or '(no headline)')}]({quote(name)}), {_line(article.site or '')}{revision}"
    )


# --- Blocks, each as its lines ---------------------------------------------------------------------------------------


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph(content):
            return _inlines(content).split("\n")
        case Heading(level, content):
            return [f"{'#' * level} {_inlines(content, broken=' ')}"]
        case Preformatted(text):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            return [fence, *text.split("\n"), fence]
        case Quote(inside):
            return [f"> {line}".rstrip() for line in _blocks(inside)]
        case Listing(numbered, items):
            return [line for number, item in enumerate(items, 1) for line in _item(number if numbered else 0, item)]
        case Table(rows):
            return _table(rows)
        case Figure(pictures, caption):
            lines = [_picture(picture) for picture in pictures]
            if caption:
                lines += ["", *_inlines(caption).split("\n")] if lines else _inlines(caption).split("\n")
            return lines


def _blocks(blocks: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += ([""] if lines else []) + _block(block)
    return lines


def _item(number: int, item: Sequence[Block]) -> Iterator[str]:
    mark = f"{number}. " if number else "- "
    for at, line in enumerate(_blocks(item)):
        yield (mark + line if at == 0 else " " * len(mark) + line).rstrip()


def _table(rows: Sequence[Sequence[Cell]]) -> list[str]:
    width = max(map(len, rows))
    written = [
        "| " + " | ".join([*(_inlines(one.content, broken=" ") for one in row), *[""] * (width - len(row))]) + " |"
        for row in rows
    ]
    return [written[0], "|" + " --- |" * width, *written[1:]]


# --- Inline content --------------------------------------------------------------------------------------------------

_MARKS = {"em": ("*", "*"), "strong": ("**", "**"), "del": ("~~", "~~"), "u": ("", ""), "mark": ("", "")}
# What means something to one of the readers of Markdown; with a backslash it is itself to all of them.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~${}^#]|&(?=#?\w+;)|!(?=\[)|^[-+=:](?=[-+=\s:]|$)")
_NUMBERED = re.compile(r"^(\d+)([.)])")
# A terminal obeys them, and no text needs them.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\s*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+\s*")


def _inlines(content: Sequence[Inline], *, broken: str = "\\\n") -> str:
    return "".join(_inline(one, broken) for one in content)


def _inline(one: Inline, broken: str) -> str:
    match one:
        case str():
            return _escaped(_LINE_ENDS.sub(" ", one))
        case LineBreak():
            return broken
        case Picture():
            return _picture(one)
        case Mark("a", content, url):
            return f"[{_inlines(content, broken=' ')}]({_address(url)})"
        case Mark("code", content):
            return f"`{_code(content)}`" if "`" not in _code(content) else _inlines(content, broken=broken)
        case Mark("sub" | "sup" as name, content):
            return f"<{name}>{_inlines(content, broken=broken)}</{name}>"
        case Mark(name, content):
            before, after = _MARKS[name]
            return f"{before}{_inlines(content, broken=broken)}{after}"


def _code(content: Sequence[Inline]) -> str:
    return "".join(
        _code(one.content) if isinstance(one, Mark) else one if isinstance(one, str) else " " for one in content
    )


def _picture(picture: Picture) -> str:
    return f"![{_line(picture.alt)}]({_address(picture.url)})"


def _address(url: str) -> str:
    return quote(url, safe="!#$%&'*+,-./:;=?@[]_~", encoding="utf-8")


def _line(text: str) -> str:
    """Text of ours or of a page on one line."""
    return _escaped(_LINE_ENDS.sub(" ", text.strip()))


def _escaped(text: str) -> str:
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", _CONTROL.sub("", text)))
