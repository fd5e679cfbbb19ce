"""X-Hub-Signature: whether what came was signed with the secret that only its hub was told."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

_METHODS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
"""Those of the protocol, and the length of what they make in hexadecimal. SHA-1 is weak, but not as an HMAC."""
_FORM = re.compile(r"\s*([a-z0-9]+)\s*=\s*([0-9a-f]+)\s*", re.IGNORECASE)


class SignatureCheck:
    """Compares what a header claims with what the bytes give, which may come one piece after the other."""

    def __init__(self, claimed: Sequence[str], secret: str) -> None:
        """`claimed` are the values of all headers of that name: one that is right is what is wanted, of one."""
        found = _FORM.fullmatch(claimed[0]) if len(claimed) == 1 else None
        method, digest = (found[1].lower(), found[2].lower()) if found else ("", "")
        self._digest = digest if _METHODS.get(method) == len(digest) else ""
        self._mac = hmac.new(secret.encode(), digestmod=method if self._digest else hashlib.sha256)

    def feed(self, chunk: bytes) -> None:
        self._mac.update(chunk)

    @property
    def is_right(self) -> bool:
        """Whether all that was fed is what was signed; as quickly told when it is not."""
        return hmac.compare_digest(self._mac.hexdigest(), self._digest)
