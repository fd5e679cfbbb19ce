"""What replay says, in the languages of the interface."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from scraper.web.messages import LANGUAGES, Messages, wanted

Say = Callable[..., str]
"""The message of a key, such as `replay.copy`, with its values filled in."""


def messages_for(accept_language: str) -> Messages:
    """The catalogue for a header Accept-Language."""
    return messages_in(wanted(accept_language))


@cache
def messages_in(code: str) -> Messages:
    """The catalogue of one of LANGUAGES."""
    text = files(__package__).joinpath("messages", f"{code}.toml").read_text(encoding="utf-8")
    return Messages(LANGUAGES[code], {f"replay.{key}": said for key, said in tomllib.loads(text)["replay"].items()})
