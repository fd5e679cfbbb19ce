"""Captured pages as they were, without what they could do: `/web/<time>/<url>`.

addresses   what stands in such an address; which captures one means: scraper.store.mementos (RFC 7089)
documents   any captured body as a page: `scraper.rewriting` makes markup of it that can do nothing
assets      what was stored with a capture: pictures, styles, fonts
serving     finds, reads, has rewritten and keeps; files: one file with everything; views: the frame and the lists
headers     what browsers may do with an answer, and what it is of; timemaps; routes: all of it for Datasette

A captured page can do nothing for three reasons, each of which would do: its markup holds nothing that runs or asks,
its sandbox has no origin and no scripts, and its policy lets it load nothing, not even from here.
"""
