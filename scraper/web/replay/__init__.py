"""Captured pages as they were, without what they could do: `/web/<time>/<url>`.

addresses   what stands in such an address; mementos: the captures that one means (RFC 7089)
documents   any captured body as a page: rewriting (the walk over the tree), elements (one of them), styles (CSS),
            images (which picture), vector (SVG), assets (what is held, as data: URIs), tree, markup.toml (what may
            be written)
serving     finds, reads, has rewritten and keeps; files: one file with everything; views: the frame and the lists
headers     what browsers may do with an answer, and what it is of; timemaps; routes: all of it for Datasette

A captured page can do nothing for three reasons, each of which would do: its markup holds nothing that runs or asks,
its sandbox has no origin and no scripts, and its policy lets it load nothing, not even from here.
"""
