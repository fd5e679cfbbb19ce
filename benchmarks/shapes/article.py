"""The article that every hostile page carries, and how a shape is put around it."""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[int], bytes]
"""About so many bytes of page."""

HEADLINE = "Café boats return to the old harbour"
PARAGRAPHS = (
    "The ferry company said on Tuesday that the evening crossing would return in June, once repairs to the wall of the "
    "old harbour were finished and the café on the quay had opened its doors again.",
    "Residents of the two islands had waited three winters for the boat, and several shops on the quay had closed in "
    "the meantime because so few visitors came over for the day.",
    "The mayor, who took the first crossing with her children, called it a good day for everyone who lives by the sea "
    "and works on land, and thanked the engineers for their patience.",
    "Tickets cost the same as before, the company said, and bicycles travel free until the end of the summer, when "
    "the council will look at the numbers again and decide what happens next.",
    "A second boat, the “Über See”, is to be delivered next spring if the weather allows and if the money that the "
    "government promised arrives in time for the last payment.",
)
TEXT = "".join(f"<p>{paragraph}</p>\n" for paragraph in PARAGRAPHS)
UKRAINIAN = (
    "Поромна компанія повідомила у вівторок, що вечірній рейс повернеться в червні, щойно завершать ремонт стіни "
    "старої гавані й домовляться з островами про новий розклад руху.",
    "Мешканці двох островів чекали на човен три зими, і кілька крамниць на набережній тим часом зачинилися, бо "
    "відвідувачів, які приїздили бодай на один день, було зовсім мало.",
    "Мерка, яка вирушила першим рейсом разом із дітьми, назвала це добрим днем для всіх, хто живе біля моря і працює "
    "на суходолі, та подякувала інженерам за терпіння.",
)
"""For encodings that hold Cyrillic."""


def page(
    *, head: str = "", above: str = "", text: str = TEXT, below: str = "", title: str = HEADLINE, charset: str = "utf-8"
) -> str:
    """A whole page: `above` stands before the article, `text` in it, `below` after it; no `charset`: none stated."""
    meta = f'<meta charset="{charset}">' if charset else ""
    return (
        f"<!doctype html><html><head>{meta}<title>{title}</title>{head}</head><body>{above}"
        f"<article><h1>{HEADLINE}</h1>{text}</article>{below}</body></html>"
    )


def around(*, head: str = "", above: str = "", text: str = TEXT, below: str = "", title: str = HEADLINE) -> bytes:
    return page(head=head, above=above, text=text, below=below, title=title).encode("utf-8", "surrogatepass")


def many(piece: str, size: int) -> str:
    """The piece as often as it fits into so many bytes."""
    return piece * (size // len(piece.encode("utf-8", "surrogatepass")))


def numbered(piece: str, size: int) -> str:
    """The piece with a running number in place of every `#`."""
    count = size // (len(piece.encode()) + 5 * piece.count("#"))
    return "".join(piece.replace("#", str(number)) for number in range(count))
