"""Where in a page's tree the texts of its blocks stand: for whoever writes the page again and marks them."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from scraper.extract.page import Page


def blocks_of_texts(page: Page) -> dict[int, int]:
    """The index of the block that each text of the tree is a part of, by the identity of its node (`mem_id`).

    Texts that are nobody's to read, and white space alone, are in no block.
    """
    root = page.tree.body if page.is_html else None
    if root is None:
        return {}
    outline = page.outline
    # The outline was made of the same texts in the same order: those of each block, one block after the other.
    owners = (block.index for block in outline.blocks for run in block.runs if run.text.strip())
    found: dict[int, int] = {}
    above: list[LexborNode] = []
    node: LexborNode | None = root
    while True:
        if node is None:
            if not above:
                return found
            node = above.pop()
        elif node.tag == "-text":
            text = node.text_content or ""
            if text and not text.isspace():
                found[node.mem_id] = next(owners)
        elif node.mem_id in outline.by_node:
            above.append(node)
            node = node.child
            continue
        node = None if node is root else node.next
