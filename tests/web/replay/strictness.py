"""What a replayed page may consist of, said once more and independently: lists of its own, and no code of `replay`.

A page passes when each of two parsers finds in it nothing but what is listed here.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser, LexborNode

_HTML = frozenset(
    """html head body title meta style a abbr acronym address area article aside b bdi bdo big blockquote br button
    caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em fieldset figcaption
    figure font footer form h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li main map mark
    marquee menu meter nav ol optgroup option output p picture pre progress q rb rp rt rtc ruby s samp search section
    select slot small span strike strong sub summary sup table tbody td textarea tfoot th thead time tr tt u ul var
    wbr""".split()
)
_SVG = frozenset(
    """svg g defs symbol use path circle ellipse rect line polyline polygon text tspan lineargradient radialgradient
    stop clippath mask pattern marker switch""".split()
)
_CUSTOM = re.compile(r"[a-z][a-z0-9]*-[a-z0-9-]+")
# Attributes whose value a browser may load, run, send to or go to.
_ADDRESSES = frozenset(
    """action archive attributionsrc background cite classid code codebase content data dynsrc formaction href icon
    imagesizes imagesrcset itemid itemtype longdesc lowsrc manifest object ping poster profile resource src srcdoc
    srcset to values xlink:href xml:base""".split()
)
_NEVER = frozenset(
    """accesskey allow autofocus autoplay command commandfor contenteditable download form formmethod formtarget
    http-equiv integrity interestfor is itemprop nonce popovertarget rel referrerpolicy sandbox srclang tabindex
    xmlns""".split()
)
_DATA = re.compile(
    r"data:(?:image/(?:png|jpeg|gif|webp|avif|x-icon|svg\+xml)|font/(?:woff2?|ttf|otf));base64,[A-Za-z0-9+/]+=*"
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n]?|\n|(.))", re.S)


def assert_harmless(page: bytes, *, links: str = "/web/") -> None:
    """`links` is what all addresses begin with that lead elsewhere."""
    text = page.decode("utf-8")
    assert "\0" not in text
    tree = LexborHTMLParser(text)
    assert tree.root is not None
    for node in _nodes(tree.root):
        if node.tag == "-text":
            continue
        assert node.tag not in ("-comment", "template"), node.html
        _check(str(node.tag).lower(), dict(node.attributes), links)
        if node.tag == "style":
            sheet = node.text(deep=True)
            assert "</" not in sheet, sheet[:200]
            check_css(sheet)
    _Tokens(links).check(text)


class _Tokens(HTMLParser):
    """The same by a parser that knows nothing of trees: what it takes for a tag is one that may stand."""

    def __init__(self, links: str) -> None:
        super().__init__(convert_charrefs=False)
        self._links = links

    def check(self, text: str) -> None:
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        _check(tag, dict(attrs), self._links)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:80]}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data[:80]}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a section: {data[:80]}")


def _nodes(root: LexborNode) -> list[LexborNode]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        child = node.child
        while child is not None:
            waiting.append(child)
            child = child.next
    return found


def _check(tag: str, attributes: dict[str, str | None], links: str) -> None:
    shown = f"<{tag} {attributes}>"[:300]
    if tag == "link":
        assert attributes.keys() == {"rel", "href"}, shown
        assert attributes["rel"] == "icon", shown
        assert _DATA.fullmatch(attributes["href"] or ""), shown
        return
    assert tag in _HTML or tag in _SVG or _CUSTOM.fullmatch(tag), shown
    for name, given in attributes.items():
        value = given or ""
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name.lower()), shown
        assert not name.lower().startswith("on"), shown
        assert name not in _NEVER, shown
        if name == "charset":
            assert tag == "meta", shown
        elif name == "href":
            assert tag in ("a", "area", "use"), shown
            assert value.startswith("#" if tag == "use" else ("#", links)), shown
        elif name in ("src", "background"):
            assert tag != "input", shown
            assert _DATA.fullmatch(value), shown
        elif name == "content":
            assert tag == "meta", shown
            assert "//" not in value, shown
        elif name == "target":
            assert tag in ("a", "area"), shown
            assert value == "_top", shown
        elif name == "style":
            check_css(value)
        else:
            assert name not in _ADDRESSES, shown
            if tag in _SVG and tag not in _HTML:
                assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", value.lower()), shown
    if tag in ("button", "input", "select", "textarea"):
        assert "disabled" in attributes, shown


def check_css(text: str) -> None:
    """No address but those of what stands in the page itself, however it is spelled."""
    strings = re.sub(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", '"s"', text, flags=re.S)
    plain = _ESCAPE.sub(
        lambda match: chr(int(match[1], 16) % 0x110000) if match[1] else match[2] or " ", strings
    ).lower()
    plain = re.sub(r"/\*.*?(?:\*/|\Z)", " ", plain, flags=re.S)
    assert not re.search(r"@\s*(import|namespace|charset|document)", plain), text[:200]
    assert not re.search(r"(?<![\w-])(behavior|-moz-binding)\s*:", plain), text[:200]
    for match in re.finditer(r"url\(([^)]*)\)?", plain):
        address = match[1].strip()
        assert address == "data:," or re.fullmatch(r"#[\w-]+", address) or address.startswith("data:"), text[:300]
    for address in re.findall(r"url\((data:[^)]*)\)", strings):
        assert address == "data:," or _DATA.fullmatch(address), text[:300]
    for call in re.finditer(
        r"(?<![\w-])(src|image-set|-webkit-image-set|image|cross-fade|-webkit-cross-fade)\(", plain
    ):
        inside = plain[call.end() : call.end() + 2_000].partition(";")[0]
        assert '"s"' not in re.sub(r"type\(\"s\"\)", "", inside), text[:300]
        assert not re.match(r"[^)]*\b(var|attr|env)\(", inside), text[:300]
