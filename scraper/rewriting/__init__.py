"""Captured pages as markup that can do nothing, and what they ask for besides themselves; no I/O.

pages    the walk over a page's tree; elements (one of them), tree, nesting (what parsers close), markup.toml (what may
         be written)
styles   CSS, rewritten; images (which of several addresses a picture is taken from), vector (SVG)
marks    texts marked by the block that they belong to
assets   pictures, styles and fonts as they stand in a page: data: URIs; what a body is, by its first bytes
wanted   the addresses that a page, or one of its styles, takes them from
"""
