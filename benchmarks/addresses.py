"""URL identity on labelled pages: which of their addresses, and of the links on them, become one; and whether what a
page calls its canonical address is believed.

    python -m benchmarks.addresses --data ../shared/bench

Prints, and returns 1 if two labelled pages have one address in canonical form.
"""

from __future__ import annotations

import argparse
import html
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.labelled import LabelledPage, read_set
from scraper.urls import address_key, canonical, resolve, trusted_canonical

_HREF = re.compile(r"""<a\s[^>]{0,500}?href\s*=\s*["']([^"'<>]{1,1500})""", re.IGNORECASE)
_LINK = re.compile(r"<link\s[^>]{0,1000}>", re.IGNORECASE)
_ADDRESS = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled sets")
    data = parser.parse_args().data
    pages = [page for name in ("wcxb-dev", "fundus-dev") for page in read_set(data / name).pages if page.url]
    texts = {page.id: page.html().decode("utf-8", "replace") for page in pages}
    clashes = _pages(pages)
    _links(pages, texts)
    _named(pages, texts)
    return 1 if clashes else 0


def _pages(pages: list[LabelledPage]) -> int:
    """The labelled pages' own addresses."""
    urls = sorted({page.url for page in pages})
    changed = [url for url in urls if canonical(url) != url]
    print(f"{len(urls)} addresses of labelled pages, {len(changed)} are written otherwise in canonical form:")
    for url in changed:
        print(f"  {url}\n    {canonical(url)}")
    clashes = [group for group in _grouped(urls, canonical).values() if len(group) > 1]
    print(f"{len(clashes)} canonical forms are those of several pages")
    near = [group for group in _grouped(urls, address_key).values() if len(group) > 1]
    print(f"{len(near)} keys are those of several pages (which a text decides about)")
    for group in clashes + near:
        print("   ", *group)
    return len(clashes)


def _links(pages: list[LabelledPage], texts: dict[str, str]) -> None:
    """What stands in links: many more addresses, and the parameters that sites use."""
    urls = sorted({url for page in pages for url in _addresses(_HREF.findall(texts[page.id]), page.url)})
    began = time.perf_counter()
    forms = [canonical(url) for url in urls]
    seconds = time.perf_counter() - began
    changed = sum(form != url for form, url in zip(forms, urls, strict=True))
    again = sum(canonical(form) != form for form in forms)
    print(f"\n{len(urls)} addresses in links: {len(set(forms))} canonical forms, {changed} written otherwise")
    print(f"{seconds / len(urls) * 1e6:.1f} µs each; {again} change when they are brought into the form again")
    dropped: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for url, form in zip(urls, forms, strict=True):
        left = _names(form)
        kept.update(left)
        dropped.update(_names(url) - left)
    print("dropped:", *(f"{name} {count}" for name, count in dropped.most_common()))
    print("kept most often:", *(f"{name} {count}" for name, count in kept.most_common(60)))


def _named(pages: list[LabelledPage], texts: dict[str, str]) -> None:
    """What pages call their canonical address."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for page in pages:
        links = (link for link in _LINK.findall(texts[page.id]) if re.search(r"rel\s*=\s*[\"']?canonical", link, re.I))
        found = next((match[1] for link in links if (match := _ADDRESS.search(link))), None)
        if found is not None:
            named = trusted_canonical(page.url, html.unescape(found))
            trusted = "believed" if named.address else "not believed"
            reasons[f"{trusted}: {named.reason}"].append(f"{page.url}  names  {html.unescape(found)}")
    print(f"\n{sum(map(len, reasons.values()))} pages name a canonical address")
    for reason, examples in sorted(reasons.items()):
        print(f"{len(examples):5} {reason}")
        if reason != "not believed: itself":
            print(*(f"        {example}" for example in examples), sep="\n")


def _addresses(hrefs: Iterable[str], base: str) -> Iterator[str]:
    for href in hrefs:
        url = resolve(html.unescape(href), base)
        if url is not None:
            yield url.partition("#")[0]


def _names(url: str) -> Counter[str]:
    query = url.partition("#")[0].partition("?")[2]
    return Counter(pair.partition("=")[0].lower() for pair in query.split("&") if pair)


def _grouped(urls: Iterable[str], key: Callable[[str], object]) -> dict[object, list[str]]:
    groups: defaultdict[object, list[str]] = defaultdict(list)
    for url in urls:
        groups[key(url)].append(url)
    return groups


if __name__ == "__main__":
    raise SystemExit(main())
