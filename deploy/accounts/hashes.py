"""How the servers keep a password: nobody who reads their files can log in with what is there."""

import base64
import hashlib
import secrets

ITERATIONS = 101
"""As mosquitto_passwd: a secret of 256 bits drawn by chance needs no slow hash against guessing."""
SALT_BYTES = 12


def drawn() -> str:
    """A new secret of 256 bits, of characters that may stand in any file and URL."""
    return secrets.token_urlsafe(32)


def of_store(password: str) -> str:
    """SHA-256 in hex, as the store's file of accounts wants it."""
    return hashlib.sha256(password.encode()).hexdigest()


def of_broker(password: str, salt: bytes | None = None) -> str:
    """PBKDF2 with SHA-512 in mosquitto's own writing, `$7$iterations$salt$hash`."""
    salt = salt or secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    told = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"$7${ITERATIONS}${'$'.join(told)}"
