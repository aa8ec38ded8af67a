"""An authority of one's own that signs the certificates of this server's broker and pages.

Needs the program openssl. Who has a company's authority uses that one: only the files count.
"""

import shutil
import subprocess
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
AUTHORITY_DAYS, SERVER_DAYS = 3650, 825
"""Two years and a quarter is the longest that browsers accept of a server."""


class AuthorityError(Exception):
    """No certificate was made; the text says why and what to do."""


class Authority:
    """Files `<name>.crt` and `<name>.key` in one folder; its own are those of `name`."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        """Makes the authority unless its files are there."""
        self._folder = folder
        self._name = name
        if not self.certificate.exists():
            subject = ("-subj", f"/CN=OMF {name}", "-days", str(AUTHORITY_DAYS))
            self._run("req", "-x509", *CURVE, *subject, *self._out(name))

    @property
    def certificate(self) -> Path:
        """What clients must be given to trust the servers signed here."""
        return self._folder / f"{self._name}.crt"

    def sign(self, name: str, hosts: Sequence[str], days: int = SERVER_DAYS) -> Path:
        """Make key and certificate of a server reachable under these names; the certificate."""
        request, extensions = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        key = self._folder / f"{name}.key"
        self._run(
            "req", *CURVE, "-subj", f"/CN={hosts[0]}", "-keyout", str(key), "-out", str(request)
        )
        told = ",".join(f"{'IP' if _is_ip(host) else 'DNS'}:{host}" for host in hosts)
        extensions.write_text(f"subjectAltName={told}\nextendedKeyUsage=serverAuth\n", "utf-8")
        signed = self._folder / f"{name}.crt"
        own = ("-CA", str(self.certificate), "-CAkey", str(self._folder / f"{self._name}.key"))
        how = ("-CAcreateserial", "-days", str(days), "-extfile", str(extensions))
        self._run("x509", "-req", "-in", str(request), *own, *how, "-out", str(signed))
        for path in (request, extensions, self._folder / f"{self._name}.srl"):
            path.unlink(missing_ok=True)
        return signed

    def draw_key(self, name: str) -> None:
        """Make a private key of the same curve that no certificate belongs to."""
        own = ("-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(self._folder / name))
        self._run("genpkey", "-algorithm", "EC", *own)

    def _out(self, name: str) -> tuple[str, ...]:
        files = (self._folder / f"{name}.{kind}" for kind in ("key", "crt"))
        return tuple(
            f"{word}" for pair in zip(("-keyout", "-out"), files, strict=True) for word in pair
        )

    @staticmethod
    def _run(*words: str) -> None:
        program = shutil.which("openssl")
        if program is None:
            raise AuthorityError("the program openssl is missing; install the package openssl")
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise AuthorityError(f"openssl {words[0]}: {done.stderr.strip()}")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
