"""Every error this package raises on purpose.

ScrapeError                    what happened, why, and what to do next
├── UsageError                 the caller asked for something that cannot be (exit code 2)
│   ├── NotAUrl
│   ├── UnsupportedScheme
│   ├── ConfigError            scrape.toml names an unknown or ill-typed setting
│   ├── SiteFileError          a file in selectors/ is not valid
│   └── QueryError             a search query that cannot be understood
├── FetchError                 one URL could not be fetched; `code` is what a capture row stores
│   ├── DnsError               dns
│   ├── ConnectionRefused      refused
│   ├── ConnectionFailed       connect
│   ├── TlsError               tls
│   │   ├── CertificateExpired tls_expired
│   │   ├── CertificateOfOther tls_wrong_host
│   │   ├── SelfSigned         tls_self_signed
│   │   ├── Untrusted          tls_untrusted
│   │   └── OutdatedTls        tls_outdated
│   ├── FetchTimeout           timeout
│   ├── TooLarge               too_large
│   ├── BadEncoding            bad_encoding
│   ├── ProtocolError          protocol
│   ├── AddressForbidden       forbidden_address
│   ├── TooManyRedirects       redirects
│   ├── ProxyFailed            proxy
│   ├── BrowserFailed          browser
│   ├── RobotsDenied           robots_denied
│   ├── LoginFailed            login
│   └── HostPaused             host_paused
├── UnreadableSource           what was to list pages lists none; `found` says what it is instead
│   ├── NotAFeed
│   └── NotASitemap
├── ExtractionFailed           the extractor was stopped or died on one page
├── ExportFailed               an export could not be written whole, and is not there at all
├── AlreadyRunning             another process is doing this now (exit code 5)
├── InstallFailed              the system did not take a timer or crontab line
└── ArchiveError               archive.db cannot do what was asked
    ├── ArchiveMissing
    ├── NotAnArchive
    ├── ArchiveTooNew
    ├── ArchiveNotWritable
    ├── ArchiveFull
    ├── ArchiveBusy
    ├── TookTooLong            what was asked was given up when its time was over
    ├── NotInArchive           no such article, capture or URL
    └── BlobCorrupt            stored bytes do not match their hash
"""

from __future__ import annotations

from typing import ClassVar


class ScrapeError(Exception):
    """An error a user can act on: `what` happened, `why`, and the `next_step`; both latter may be empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        parts = [part.rstrip(".") for part in (self.what, self.why, self.next_step) if part]
        return ". ".join(part[:1].upper() + part[1:] for part in parts)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process boundaries; the default only carries positional arguments.
        return (_rebuild, (type(self), self.what, self.why, self.next_step, self.__dict__.copy()))


def _rebuild(cls: type[ScrapeError], what: str, why: str, next_step: str, state: dict[str, object]) -> ScrapeError:
    error = cls.__new__(cls)
    ScrapeError.__init__(error, what, why=why, next_step=next_step)
    error.__dict__.update(state)
    return error


class UsageError(ScrapeError):
    exit_code = 2


class NotAUrl(UsageError):
    pass


class UnsupportedScheme(UsageError):
    pass


class ConfigError(UsageError):
    pass


class SiteFileError(UsageError):
    pass


class QueryError(UsageError):
    pass


class FetchError(ScrapeError):
    """One URL could not be fetched. `code` is stored in `captures.error` and never changes its meaning."""

    code: ClassVar[str] = "fetch"
    exit_code = 4


class DnsError(FetchError):
    code = "dns"


class ConnectionRefused(FetchError):
    code = "refused"


class ConnectionFailed(FetchError):
    """The network was unreachable, or the peer reset or closed the connection."""

    code = "connect"


class TlsError(FetchError):
    """No secure connection; its kinds name the reasons that a site's owner can do something about."""

    code = "tls"


class CertificateExpired(TlsError):
    code = "tls_expired"


class CertificateOfOther(TlsError):
    """The certificate is another host's."""

    code = "tls_wrong_host"


class SelfSigned(TlsError):
    code = "tls_self_signed"


class Untrusted(TlsError):
    """The certificate was issued by an authority that this machine does not know."""

    code = "tls_untrusted"


class OutdatedTls(TlsError):
    """The server only speaks a version of TLS that is no longer safe."""

    code = "tls_outdated"


class FetchTimeout(FetchError):
    code = "timeout"


class TooLarge(FetchError):
    code = "too_large"


class BadEncoding(FetchError):
    """The Content-Encoding is unknown, or its bytes are broken or cut short."""

    code = "bad_encoding"


class ProtocolError(FetchError):
    """The peer did not speak HTTP."""

    code = "protocol"


class AddressForbidden(FetchError):
    """The host's address is private, loopback or reserved and --allow-private was not given."""

    code = "forbidden_address"


class TooManyRedirects(FetchError):
    """A redirect loop, too many hops, or a redirect that leads nowhere."""

    code = "redirects"


class ProxyFailed(FetchError):
    """The proxy did not let the request through."""

    code = "proxy"


class BrowserFailed(FetchError):
    """The browser that was to draw a page could not start, or died over it."""

    code = "browser"


class RobotsDenied(FetchError):
    """The site's robots.txt forbids it, or could not be had, which forbids everything."""

    code = "robots_denied"


class LoginFailed(FetchError):
    """The login that scrape.toml names for the host did not work, so that its pages would come as for strangers."""

    code = "login"


class HostPaused(FetchError):
    """The host asked for patience, or failed too often in a row, and is left alone for longer than a run waits."""

    code = "host_paused"


class UnreadableSource(ScrapeError):
    """What was to list pages is something else. `found` names it in a word: empty, html, feed, sitemap, json, xml,
    text or binary."""

    found: str = ""


class NotAFeed(UnreadableSource):
    pass


class NotASitemap(UnreadableSource):
    pass


class ExtractionFailed(ScrapeError):
    """The extractor was stopped (time, memory) or died on one page; the capture is kept."""


class ExportFailed(ScrapeError):
    """An export could not be written whole; nothing of it is left."""


class AlreadyRunning(ScrapeError):
    """Another process runs this job, or the jobs that are due, on the same archive."""

    exit_code = 5


class InstallFailed(ScrapeError):
    """The system did not take what was to be installed; `next_step` says what is left to do."""


class ArchiveError(ScrapeError):
    pass


class ArchiveMissing(ArchiveError):
    exit_code = 2


class NotAnArchive(ArchiveError):
    exit_code = 2


class ArchiveTooNew(ArchiveError):
    exit_code = 2


class ArchiveNotWritable(ArchiveError):
    pass


class ArchiveFull(ArchiveError):
    pass


class ArchiveBusy(ArchiveError):
    """Another process held the archive's write lock for longer than the busy timeout."""

    exit_code = 5


class TookTooLong(ArchiveError):
    """What was asked of the archive was given up when the time for it was over."""


class NotInArchive(ArchiveError):
    exit_code = 4


class BlobCorrupt(ArchiveError):
    pass
