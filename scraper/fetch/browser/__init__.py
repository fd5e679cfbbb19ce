"""Pages drawn by a browser: for those that are a shell until scripts have filled it. Needs the extra `browser`.

browser     the public face: a page that was fetched in, its rendering out, whatever the page does
process     the browser's program: found, started without a network, watched, ended with all its processes
requests    what a page may ask for, and how it gets it: through the Fetcher, guard and limits included
document    the document in the browser: when it has settled, its HTML, its picture

The browser itself reaches no network: it is given a proxy that does not exist, and no name or address leads anywhere.
Each request of a page is caught before it is sent and answered from here, by the code that fetches pages. What that
does not know (WebSocket, WebRTC, …) has nowhere to go.
"""

from __future__ import annotations

from scraper.fetch.browser.browser import Browser
from scraper.fetch.browser.process import find_program

__all__ = ["Browser", "find_program"]
