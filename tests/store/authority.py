"""A time-stamping authority: openssl, with certificates made for one test run."""

from __future__ import annotations

import subprocess
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = one
[one]
dir = .
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """Answers time-stamp requests in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root.pem"
        (folder / "tsa.cnf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.ext").write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
        (folder / "root.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        self._make("root", self_signed=True)
        self._make("tsa", self_signed=False)

    def answer(self, question: bytes) -> bytes:
        """The response to a request, DER; one that refuses it when it is none."""
        (self._folder / "question.tsq").write_bytes(question)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "question.tsq", "-out", "answer.tsr")
        return (self._folder / "answer.tsr").read_bytes()

    def _make(self, name: str, *, self_signed: bool) -> None:
        self._openssl(
            *("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr"),
            *("-subj", f"/CN={name} {self._folder.name}"),
        )
        by = ("-signkey", "root.key") if self_signed else ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
        self._openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-days", "2", "-sha256", "-extfile", f"{name}.ext"),
            *(*by, "-out", f"{name}.pem"),
        )

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)
