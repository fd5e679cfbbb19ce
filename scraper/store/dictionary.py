"""What every column of every table and view means: the rows of `data_dictionary`."""

from __future__ import annotations

from collections.abc import Iterator

_TIME = ("text", "UTC, ISO 8601 with milliseconds")
_STATED_TIME = ("text", "ISO 8601, as the page states it: with its offset, or a plain date")
_TEXT = ("text", "")
_URL = ("text", "absolute URL")
_JSON = ("text", "JSON")
_ID = ("integer", "")
_COUNT = ("integer", "count")
_FLAG = ("integer", "0 or 1")
_BYTES = ("integer", "bytes")
_SECONDS = ("real", "seconds since the fetch began")
_HASH = ("text", "SHA-256, hexadecimal")

_Column = tuple[tuple[str, str], str]

# What `revisions` and the view `articles` have in common.
_ARTICLE: dict[str, _Column] = {
    "url": (_URL, "The page's address as the extractor saw it"),
    "canonical_url": (_URL, "The address the page itself calls canonical; null if it names none"),
    "site": (_TEXT, "Registrable domain, such as example.co.uk"),
    "headline": (_TEXT, "Headline; null if the page has none"),
    "authors": (_JSON, "List of the authors' names, in the byline's order"),
    "published_at": (_STATED_TIME, "When the article was published; null if the page does not say"),
    "modified_at": (_STATED_TIME, "When it was last modified; null if the page does not say"),
    "lead": (_TEXT, "Standfirst or summary above the text; null if there is none"),
    "body": (_TEXT, "Plain text, paragraphs separated by a blank line; null when the page is no readable article"),
    "body_html": (("text", "HTML"), "The same content as clean HTML: no scripts, styles or event handlers"),
    "language": (("text", "BCP 47"), "Language of the text"),
    "section": (_TEXT, "Section of the site it stands in"),
    "tags": (_JSON, "List of tags or keywords"),
    "image": (_URL, "Main image"),
    "word_count": (("integer", "words"), "Length of body"),
    "page_type": (_TEXT, "article, listing or other"),
    "verdict": (_TEXT, "ok, paywall, consent, blocked, empty or not_article"),
    "verdict_reason": (_TEXT, "One sentence: why the verdict is not ok"),
    "provenance": (_JSON, "Field name to {source, confidence, selector, reason}: where each value came from"),
    "extractor": (_TEXT, "Name and version of the program that extracted it"),
}

_SEARCHED: dict[str, _Column] = {
    "headline": (_TEXT, "Headline"),
    "lead": (_TEXT, "Standfirst or summary"),
    "body": (_TEXT, "Plain text of the article"),
    "authors": (_TEXT, "Names of the authors, separated by commas"),
}

_DICTIONARY: dict[str, dict[str, _Column]] = {
    "pages": {
        "id": (_ID, "Number of the page in this file; the id of an article"),
        "url": (_URL, "Canonical address: after redirects, without fragment, credentials and tracking parameters"),
        "site": (_TEXT, "Registrable domain of url"),
        "first_seen_at": (_TIME, "When it was first fetched, with or without success"),
        "last_seen_at": (_TIME, "When it was last fetched, with or without success"),
        "newest_revision_id": (_ID, "revisions.id of what the view articles shows; null if nothing was extracted yet"),
    },
    "page_urls": {
        "url": (_URL, "Canonical form of an address that was redirected to the page"),
        "page_id": (_ID, "pages.id: the page it led to most recently"),
        "last_seen_at": (_TIME, "When it last did"),
    },
    "runs": {
        "id": (_ID, "Number of the run in this file"),
        "command": (_TEXT, "The command that was run"),
        "started_at": (_TIME, "When it was started"),
        "ended_at": (_TIME, "When it ended; null while it runs, and after a crash"),
        "state": (_TEXT, "running, done or interrupted"),
        "pid": (_ID, "Process that runs it or ran it last"),
        "host": (_TEXT, "Machine that runs it or ran it last"),
        "urls": (_COUNT, "Length of the list of addresses it was given"),
        "urls_digest": (_HASH, "Of the list as a JSON array: by this a run of the same list is found again"),
    },
    "blobs": {
        "sha256": (_HASH, "Of the body, uncompressed"),
        "size": (_BYTES, "Length of the body, uncompressed"),
        "stored_size": (_BYTES, "Length of content"),
        "codec": (_TEXT, "How content is compressed: zstd"),
        "content": (("blob", ""), "The compressed body; null if it was removed and only its hash is kept"),
    },
    "captures": {
        "id": (_ID, "Number of the capture in this file"),
        "page_id": (_ID, "pages.id: the page it is a capture of"),
        "run_id": (_ID, "runs.id: the run that made it; null if none did"),
        "url": (_URL, "Address asked for, without credentials"),
        "final_url": (_URL, "Address that answered, after redirects"),
        "fetched_at": (_TIME, "When the fetch began"),
        "status": (_ID, "HTTP status of the answer; null if none came"),
        "error": (_TEXT, "Why no page came: dns, refused, connect, tls, timeout, too_large, …; null if one came"),
        "error_message": (_TEXT, "The same as a sentence"),
        "content_type": (_TEXT, "Content-Type header of the answer"),
        "sha256": (_HASH, "Of the body after content decoding; blobs.sha256; null without a body"),
        "size": (_BYTES, "Length of the body after content decoding"),
        "wire_size": (_BYTES, "Length of the body as it came over the wire"),
        "http_version": (_TEXT, "Such as HTTP/2"),
        "peer": (_TEXT, "Address and port that answered"),
        "requests": (_COUNT, "Requests sent, redirects included; 0 if none could be sent"),
        "headers": (_JSON, "Headers of the answer: list of [name, value], as received; *** for what is secret"),
        "request_headers": (_JSON, "Headers sent: list of [name, value], without cookies and authorization"),
        "redirects": (_JSON, "The requests before the last: list of {url, status, http_version, headers, peer}"),
        "time_resolved": (_SECONDS, "When the host name was resolved; null if that was not needed or not reached"),
        "time_connected": (_SECONDS, "When the connection stood"),
        "time_tls": (_SECONDS, "When TLS was negotiated"),
        "time_first_byte": (_SECONDS, "When the answer began"),
        "time_total": (_SECONDS, "When the fetch ended"),
        "extracted_at": (_TIME, "When extraction was last tried; null if it was not yet"),
        "extractor": (_TEXT, "Name and version of the program that tried it"),
        "extraction_error": (_TEXT, "Why extraction died; null if it did not"),
        "verdict": (_TEXT, "What this capture shows: ok, paywall, consent, blocked, empty or not_article"),
        "verdict_reason": (_TEXT, "One sentence: why the verdict is not ok"),
        "page_type": (_TEXT, "article, listing or other"),
        "revision": (_ID, "revisions.number of the page's text that this capture shows; null if it shows none"),
        "robots": (_TEXT, "obeyed or ignored: whether robots.txt was asked; null if nobody asked or it is not known"),
    },
    "hosts": {
        "host": (_TEXT, "Host name that pages are fetched from"),
        "next_at": (_TIME, "Before this, nobody fetches from it"),
        "leased_by": (_TEXT, "Machine, process and run that is fetching from it; null if nobody is"),
        "leased_until": (_TIME, "When that right ends, should its holder have died"),
        "pace": (("real", "seconds"), "Pause between two fetches that its answers called for, beyond the one set"),
        "failures": (_COUNT, "Fetches in a row without an answer, or with one that asks for patience"),
        "reason": (_TEXT, "Why it is left alone for longer than between two pages; null if it is not"),
        "validators_lie": (
            _FLAG,
            "1 if it once said that a page was unchanged whose text had changed: no longer asked",
        ),
    },
    "renderings": {
        "capture_id": (_ID, "captures.id of the page that a browser drew"),
        "url": (_URL, "Where the page was in the end: its scripts may have led on"),
        "rendered_at": (_TIME, "When the drawing began"),
        "browser": (_TEXT, "Name and version of the browser; empty when it did not start"),
        "sha256": (_HASH, "Of the document as drawn, HTML in UTF-8: blobs.sha256; null when it failed"),
        "size": (_BYTES, "Length of the document as drawn"),
        "screenshot_sha256": (_HASH, "Of a PNG picture of the page: blobs.sha256; null when none was asked for"),
        "screenshot_size": (_BYTES, "Length of the picture"),
        "requests": (_JSON, "List of {method, url, kind, status, size, refused}: what the page asked for meanwhile"),
        "time_total": (("real", "seconds"), "How long it took"),
        "error": (_TEXT, "Why it failed, as a code; null when it did not"),
        "error_message": (_TEXT, "The same as a sentence"),
    },
    "robots": {
        "origin": (_URL, "Scheme, host and port that the robots.txt speaks for"),
        "fetched_at": (_TIME, "When it was fetched"),
        "expires_at": (_TIME, "Until when it is believed"),
        "status": (_ID, "HTTP status of the answer; null if none came"),
        "text": (_TEXT, "What it says; empty if there is none"),
        "error": (_TEXT, "Why it could not be had, which forbids everything; null if it could"),
        "error_message": (_TEXT, "The same as a sentence"),
    },
    "revisions": {
        "id": (_ID, "Number of the revision in this file"),
        "page_id": (_ID, "pages.id: the page it is a revision of"),
        "number": (_ID, "1 for the first text stored of the page, then counting up"),
        "capture_id": (_ID, "captures.id: the capture it was first read from"),
        "first_seen_at": (_TIME, "fetched_at of that capture"),
        "content_hash": (
            _HASH,
            "Of headline, authors, published_at and body, spaces normalised; of the verdict if unread",
        ),
        "sorted_at": (_TIME, "For ordering: published_at in UTC; first_seen_at if that is unknown or lies after it"),
        **_ARTICLE,
    },
    "links": {
        "revision_id": (_ID, "revisions.id: the article the link stands in"),
        "position": (_ID, "0 for the first link of the article"),
        "url": (_URL, "Address linked to, without fragment and tracking parameters"),
        "text": (_TEXT, "Text of the link"),
        "kind": (_TEXT, "inline, related or popular"),
    },
    "articles": {
        "id": (_ID, "pages.id"),
        "revision": (_ID, "revisions.number of the newest revision, which this row shows"),
        **_ARTICLE,
        "links": (_JSON, "List of {url, text, kind}, in the order of the page"),
        "capture_id": (_ID, "captures.id: the capture this revision was first read from"),
        "fetched_at": (_TIME, "When that capture was fetched"),
        "status": (_ID, "HTTP status of that capture"),
        "final_url": (_URL, "Address that answered, after redirects"),
        "sha256": (_HASH, "Of that capture's body"),
        "size": (_BYTES, "Length of that capture's body"),
        "rendered_sha256": (_HASH, "Of that page as a browser drew it, where the article was read from that"),
    },
    "searchable": {"id": (_ID, "pages.id, for readable articles only"), **_SEARCHED},
    "articles_fts": _SEARCHED,
    "data_dictionary": {
        "table_name": (_TEXT, "Table or view; articles_fts is the full-text index, whose rowid is pages.id"),
        "column_name": (_TEXT, "Column"),
        "type": (_TEXT, "text, integer, real or blob"),
        "unit": (_TEXT, "Unit or notation of the values; empty if they have none"),
        "description": (_TEXT, "What a value means, and what null means"),
    },
    "_sqlite_migrations": {
        "id": (_ID, "Order in which the step was applied"),
        "migration_set": (_TEXT, "Always news-archiver"),
        "name": (_TEXT, "Step that brought this file's schema forward"),
        "applied_at": (("text", "UTC"), "When"),
    },
}


def dictionary_rows() -> Iterator[dict[str, str]]:
    """The rows of `data_dictionary`: table_name, column_name, type, unit, description."""
    for table, columns in _DICTIONARY.items():
        for column, ((kind, unit), description) in columns.items():
            yield {
                "table_name": table,
                "column_name": column,
                "type": kind,
                "unit": unit,
                "description": description,
            }
