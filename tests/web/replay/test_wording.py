"""What replay says is there in every language, and is said somewhere."""

from __future__ import annotations

import re
from importlib.resources import files

from scraper.web.messages import LANGUAGES
from scraper.web.replay.wording import messages_for

_PLACE = re.compile(r"\{(\w+)\}")


def test_languages_say_the_same() -> None:
    english = messages_for("en").texts
    for code in LANGUAGES:
        texts = messages_for(code).texts
        assert list(texts) == list(english)
        for key, said in texts.items():
            assert set(_PLACE.findall(str(said))) == set(_PLACE.findall(str(english[key]))), (code, key)


def test_everything_is_said_somewhere() -> None:
    room = files("scraper.web.replay")
    sources = [*room.iterdir(), *room.joinpath("templates").iterdir()]
    text = "".join(one.read_text(encoding="utf-8") for one in sources if one.name.endswith((".py", ".html")))
    used = set(re.findall(r"[\"'](replay\.[a-z_]+)[\"']", text))
    assert used - {"replay.css"} == set(messages_for("en").texts)
