"""The setting OMF_HISTORY: a folder, or a place on S3-compatible storage, without credentials."""

from typing import Annotated, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator

ADDRESS_FORM = "/a/folder or s3://bucket/prefix?endpoint=http://host:9000&region=eu-central-1"
CACHE_MB = 2000
"""So much of S3 is kept on this machine to be read from, by default."""
_OPTIONS = {"endpoint", "region", "ca_file", "cache_mb"}


class S3Address(NamedTuple):
    """A bucket and a prefix in it, with what is needed to reach them but credentials."""

    bucket: str
    prefix: str
    endpoint: str = ""
    """`https://host:port` of what is not Amazon's."""
    region: str = ""
    ca_file: str = ""
    cache_mb: int = CACHE_MB

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of an address; ValueError says what is wrong, without a word of it."""
        parts = urlsplit(text)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError(f"it has to be like {ADDRESS_FORM}")
        if "@" in parts.netloc or parts.port is not None:
            raise ValueError(
                "it names a bucket only; credentials belong into AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY, or into the file AWS_SHARED_CREDENTIALS_FILE names"
            )
        told = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := set(told) - _OPTIONS:
            raise ValueError(f"it has {', '.join(sorted(unknown))}; known are {sorted(_OPTIONS)}")
        endpoint = urlsplit(told.get("endpoint", ""))
        if told.get("endpoint") and (endpoint.scheme not in {"http", "https"} or endpoint.username):
            raise ValueError(f"its endpoint has to be like http://host:9000, as in {ADDRESS_FORM}")
        cache = told.get("cache_mb", str(CACHE_MB))
        if not cache.isdigit() or int(cache) <= 0:
            raise ValueError("its cache_mb has to be a number of megabytes")
        told.pop("cache_mb", None)
        return cls(parts.netloc, parts.path.strip("/"), cache_mb=int(cache), **told)


def is_folder(address: str) -> bool:
    """Whether an address is a folder of this machine."""
    return address.startswith("/")


def _checked(text: str) -> str:
    if text and not is_folder(text):
        S3Address.parse(text)
    return text


HistoryAddress = Annotated[str, AfterValidator(_checked)]
"""`OMF_HISTORY`: where the archives lie, `/a/folder` or `s3://...`; "": in the data folder."""
