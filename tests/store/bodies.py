"""Pages that resemble each other as those of one site do, and edits of them."""

from __future__ import annotations

import random

_WORDS = "harbour council ferry winter storm budget school bridge mayor vote island strike rescue police court".split()


def template(site: int) -> bytes:
    """What all pages of a site share, some 20 KB that do not compress to nothing."""
    chance = random.Random(site)
    rules = "".join(f".c{chance.getrandbits(40):x}{{margin:{chance.randrange(99)}px}}\n" for _ in range(600))
    return f"<html><head><style>{rules}</style></head><body><header>Outlet {site}</header>%s</body></html>".encode()


def page(site: int, story: int) -> bytes:
    """One page of a site."""
    chance = random.Random(f"{site}-{story}")
    text = "".join(f"<p>{' '.join(chance.choices(_WORDS, k=60))} {chance.getrandbits(60)}</p>" for _ in range(12))
    return template(site).replace(b"%s", text.encode())


def edited(body: bytes, times: int) -> bytes:
    """The page after so many small edits, each a paragraph more and another token in the head."""
    for number in range(times):
        body = body.replace(b"</body>", b"<p>Edit %d of the desk.</p></body>" % number)
        body = body.replace(b"<html>", b"<html><!-- %d -->" % random.Random(number).getrandbits(64), 1)
    return body
