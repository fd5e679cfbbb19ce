"""What pages show besides their text: pictures, styles, fonts."""

from __future__ import annotations

from scraper.store.dictionary.notation import BYTES, COUNT, HASH, ID, JSON, SECONDS, TEXT, TIME, URL, Tables

TABLES: Tables = {
    "assets": {
        "id": (ID, "Number of the answer in this file"),
        "run_id": (ID, "runs.id: the run that asked for it; null if none did"),
        "import_id": (ID, "imports.id: the file it was imported from; null if it was fetched by this program"),
        "url": (URL, "Address asked for: that which pages or their styles give, without fragment"),
        "final_url": (URL, "Address that answered, after redirects"),
        "fetched_at": (TIME, "When the fetch began"),
        "status": (ID, "HTTP status of the answer; 304: unchanged since an earlier one; null if none came"),
        "error": (TEXT, "Why nothing is kept of it: timeout, too_large, robots_denied, wrong_type, …; null if it is"),
        "error_message": (TEXT, "The same as a sentence"),
        "content_type": (TEXT, "Content-Type header of the answer; of a 304, of the one before if it states none"),
        "sha256": (HASH, "Of the body after content decoding, blobs.sha256; of a 304, of the body that it vouches for"),
        "size": (BYTES, "Length of that body"),
        "wire_size": (BYTES, "Length of the body as it came over the wire"),
        "http_version": (TEXT, "Such as HTTP/2"),
        "peer": (TEXT, "Address and port that answered"),
        "requests": (COUNT, "Requests sent, redirects included; 0 if none could be sent"),
        "headers": (JSON, "Headers of the answer: list of [name, value], as received; *** for what is secret"),
        "request_headers": (JSON, "Headers sent: list of [name, value], without cookies and authorization"),
        "redirects": (JSON, "The requests before the last: list of {url, status, http_version, headers, peer}"),
        "time_resolved": (SECONDS, "When the host name was resolved; null if that was not needed or not reached"),
        "time_connected": (SECONDS, "When the connection stood"),
        "time_tls": (SECONDS, "When TLS was negotiated"),
        "time_first_byte": (SECONDS, "When the answer began"),
        "time_total": (SECONDS, "When the fetch ended"),
        "robots": (TEXT, "obeyed or ignored: whether robots.txt was asked; null if it is not known"),
    },
    "capture_assets": {
        "capture_id": (ID, "captures.id of a page"),
        "asset_id": (ID, "assets.id of what it shows: of an answer of its own time, or of an earlier one still fresh"),
    },
    "asset_queue": {
        "capture_id": (ID, "captures.id of a page whose pictures and styles are yet to be fetched"),
        "run_id": (ID, "runs.id of the run that is to do it"),
        "host": (TEXT, "Of the page: in whose turn it is done"),
        "queued_at": (TIME, "When the page was read"),
    },
}
