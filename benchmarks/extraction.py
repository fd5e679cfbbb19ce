"""Extraction compared: ours, trafilatura (standard and fast), newspaper4k, readability-lxml, resiliparse.

    python -m benchmarks.extraction --data FOLDER [--folds FOLDER] [--sets NAME…] [--tools NAME…] [--sample N] …

FOLDER holds `score.py` and sets of labelled pages. Every tool runs in a process of its own. A set is cut into chunks;
on each chunk the tools take their turns one after another, and the turns rotate, so that a noisy machine is noisy for
all. Timed is what a user calls with the bytes as received; import and the first page are not. The scores are those of
`score.py`; so are the pages that are scored and timed: the articles. Failed are pages on which a tool raised, was
killed, or found no text though the page is an article. "Kept, quotes alike" is the share of kept snippets when curly
and straight quotation marks and kinds of space count as the same: labels have straight ones where pages have curly.

With `--folds`, the models that `make model` wrote, a second row of ours judges each page by a model
that has not seen its site, and without site files: the honest figure, as the packaged model was fitted to these sets.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from benchmarks.labelled import (
    LabelledPage,
    LabelledSet,
    Row,
    Scorer,
    read_rows,
    read_set,
    scorer,
    set_names,
    write_rows,
)
from benchmarks.processes import ToolProcess
from benchmarks.tools import FOLDS_VARIABLE, TOOLS, UNSEEN, Tool

CHUNK = 40
"""Pages a tool reads before the next has its turn."""
PAGE_LIMIT = 60.0
"""Seconds a page may take before its tool is killed."""
RATIOS = (("ours", "trafilatura"), ("ours", "trafilatura fast"))

SCORES = {
    "body": "body F1",
    "kept": "kept",
    "alike": "kept, quotes alike",
    "leak": "leak",
    "headline": "headline",
    "date": "date",
    "author": "author",
}
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})
TYPE = "article or not"
LINKS = ("inline", "related", "popular")


@dataclass(frozen=True)
class Result:
    """What a tool did on a set. `peak` in bytes."""

    tool: Tool
    predictions: dict[str, Row]
    peak: int


def main(arguments: Sequence[str] | None = None) -> int:
    given = parsed(arguments)
    if not (given.data / "score.py").is_file() or not set_names(given.data):
        print(f"no score.py or no labelled sets in {given.data}; see --help", file=sys.stderr)
        return 2
    for name in given.tools:
        if TOOLS[name].version() is None:
            print(f"{name} is not installed and is left out: pip install -e '.[bench]'", file=sys.stderr)
    tools = [TOOLS[name] for name in given.tools if TOOLS[name].version() is not None]
    if given.folds:
        os.environ[FOLDS_VARIABLE] = str(given.folds)
    else:
        tools = [tool for tool in tools if tool.name != UNSEEN]
    with tempfile.TemporaryDirectory() as scratch:
        table = compare(
            given.data, given.sets or set_names(given.data), tools, sample=given.sample, out=given.out or Path(scratch)
        )
    print(table)
    if given.markdown:
        given.markdown.write_text(table + "\n", encoding="utf-8")
    return 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with score.py and the labelled sets")
    parser.add_argument("--sets", nargs="+", help="sets to run (all)")
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS), help="tools to run (all)")
    parser.add_argument(
        "--folds", type=Path, metavar="FOLDER", help="models of a cross-validation, for a row of their own"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="only N pages a set, taken evenly over it")
    parser.add_argument("--out", type=Path, help="keep the predictions here, a JSONL a tool and set")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables here too")
    return parser.parse_args(arguments)


def compare(data: Path, names: Sequence[str], tools: Sequence[Tool], *, sample: int | None, out: Path) -> str:
    """Run the tools over the sets, write their predictions, and return the tables in Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    score = scorer(data)
    parts = [versions(tools)]
    everything: dict[str, dict[str, Row]] = {tool.name: {} for tool in tools}
    for name in names:
        labelled = read_set(data / name, sample=sample)
        results = run(labelled, tools)
        for result in results:
            write_rows(out / f"{result.tool.name.replace(' ', '-')}-{name}.jsonl", result.predictions.values())
            everything[result.tool.name] |= result.predictions
        parts += [set_table(labelled, results, score), *ratios(labelled, results)]
    if (data / "links-dev.jsonl").is_file():
        truths = {row["id"]: row for row in read_rows(data / "links-dev.jsonl")}
        parts.append(links_table(truths, tools, everything, score))
    return "\n\n".join(part for part in parts if part)


def run(labelled: LabelledSet, tools: Sequence[Tool]) -> list[Result]:
    """Every tool over every page, a chunk at a time, the turns rotating."""
    processes = {tool.name: ToolProcess(tool.name, time_limit=PAGE_LIMIT) for tool in tools}
    rows: dict[str, dict[str, Row]] = {tool.name: {} for tool in tools}
    names = list(processes)
    try:
        for number, begin in enumerate(range(0, len(labelled.pages), CHUNK)):
            chunk: Sequence[LabelledPage] = labelled.pages[begin : begin + CHUNK]
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                rows[name] |= {page.id: processes[name].read(page) for page in chunk}
            progress(f"{labelled.name}: {begin + len(chunk)} of {len(labelled.pages)} pages")
    finally:
        for process in processes.values():
            process.close()
    return [Result(tool, rows[tool.name], processes[tool.name].peak) for tool in tools]


def progress(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{words}", end="", file=sys.stderr, flush=True)


def versions(tools: Sequence[Tool]) -> str:
    found = {f"{tool.distribution} {tool.version()}" for tool in tools}
    return f"{', '.join(sorted(found))}; Python {sys.version.split()[0]}"


def set_table(labelled: LabelledSet, results: Sequence[Result], score: Scorer) -> str:
    heads = [*SCORES.values(), TYPE, "median ms", "mean ms", "peak MiB", "failed: raised / killed / no text"]
    lines = [row_of([f"{labelled.name}, {len(labelled.pages)} pages, {len(labelled.articles)} articles", *heads])]
    lines.append("|---" * (len(heads) + 1) + "|")
    for result in results:
        scores = score.score(labelled.truths, result.predictions)
        scores["alike"] = score.score(*map(with_plain_quotes, (labelled.truths, result.predictions)))["kept"]
        gives = {"body", "kept", "alike", "leak"} | result.tool.gives
        cells = [figure(scores[name] if name in gives else None) for name in (*SCORES, "type")]
        times = [1000 * seconds for seconds in seconds_of(labelled, result)]
        cells += [f"{median(times):.1f}", f"{mean(times):.1f}"] if times else ["–", "–"]
        cells += [f"{result.peak / 2**20:.0f}", failures(labelled, result)]
        lines.append(row_of([result.tool.name, *cells]))
    return "\n".join(lines)


def with_plain_quotes(rows: dict[str, Row]) -> dict[str, Row]:
    """The texts and snippets of truths or predictions, quotation marks and spaces made plain."""

    def plain(value: object) -> object:
        if isinstance(value, list):
            return [plain(one) for one in value]
        return value.translate(PLAIN) if isinstance(value, str) else value

    return {id_: {name: plain(value) for name, value in row.items()} for id_, row in rows.items()}


def seconds_of(labelled: LabelledSet, result: Result) -> list[float]:
    """Seconds on each article, as `score.py` counts them."""
    return [row["seconds"] for id_, row in result.predictions.items() if id_ in labelled.articles]


def failures(labelled: LabelledSet, result: Result) -> str:
    reasons = [row.get("failure", "") for row in result.predictions.values()]
    silent = sum(
        not row.get("body") and "failure" not in row
        for id_, row in result.predictions.items()
        if id_ in labelled.articles
    )
    raised, killed = (sum(reason.startswith(word) for reason in reasons) for word in ("raised", "killed"))
    return f"{raised} / {killed} / {silent}"


def ratios(labelled: LabelledSet, results: Sequence[Result]) -> list[str]:
    """Our time as a share of another's, where both ran."""
    times = {result.tool.name: seconds_of(labelled, result) for result in results}
    return [
        f"Time {one} / {other}: median {median(times[one]) / median(times[other]):.2f}, "
        f"mean {mean(times[one]) / mean(times[other]):.2f}"
        for one, other in RATIOS
        if times.get(one) and times.get(other)
    ]


def links_table(
    truths: dict[str, Row], tools: Sequence[Tool], everything: dict[str, dict[str, Row]], score: Scorer
) -> str:
    """F1 of each kind of link over the labelled pages that were read; empty when none was."""
    lines = []
    for tool in tools:
        known = {id_: truth for id_, truth in truths.items() if id_ in everything[tool.name]}
        if "links" in tool.gives and known:
            scores = score.score_links(known, everything[tool.name])
            lines.append(row_of([f"{tool.name}, {len(known)} pages", *(figure(scores[kind]) for kind in LINKS)]))
    if not lines:
        return ""
    return "\n".join([row_of(["links F1", *LINKS]), "|---" * (len(LINKS) + 1) + "|", *lines])


def row_of(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def figure(value: float | None) -> str:
    """Three digits; a dash for what a tool does not give, or no page asks for (NaN)."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
