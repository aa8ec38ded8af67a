"""`omf login --device`: a person signs in at another machine with the code that is shown here.

The pages speak to the company's provider; here they are asked how far it is (RFC 8628).
"""

import http.client
import os
import platform
import ssl
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from services.cli.connection import connect
from services.cli.output import EXIT_FAILED, fail, say, told, usage
from services.cli.personal_token import PersonalTokenError, person_by_token
from services.cli.sign_in import source
from services.cli.stages import EXIT_CODES
from services.common.auth.device_sign_in import (
    DEVICE_ANSWER,
    DEVICE_START,
    DeviceAnswer,
    DeviceState,
)
from services.common.auth.directory_file import DirectoryFile, DirectoryFileError
from services.common.process import clock
from services.common.process.settings import served
from services.common.store.environments import names
from services.common.store.keys import Stage

PAGES_ANSWER_S = 15.0
"""Longer than the pages wait for the provider."""
MAX_PAGES_ANSWER = 100_000
SLOWER_S = 5
"""RFC 8628, section 3.5: what `slow_down` adds to the interval from then on."""
SELDOMEST_S = 60
_OVER: dict[DeviceState, str] = {
    "expired": "the code is over and nobody has confirmed it: begin anew",
    "denied": "the sign-in was refused at the provider",
    "refused": "the provider's answer signs nobody in; the log of the pages says why",
    "no_right": "signed in, but none of the person's groups has a role here",
    "not_offered": "the provider offers no sign-in by a code (it names no "
    "device_authorization_endpoint): make a token on My sign-ins, and `omf login --token`",
    "not_allowed": "the provider gives this installation no code: allow the device flow for its "
    "client there; the log of the pages says what was answered",
    "no_tokens": "token_days is 0 in the directory file, so no token of a person works here",
    "too_many": "the person has as many tokens as they may have: end one on My sign-ins",
    "too_often": "too many sign-ins from here within a minute: wait a little",
    "store_away": "the store does not answer, so no token was made: begin anew later",
    "not_begun_here": "the pages know nothing of this sign-in any more: begin anew",
}
_REFUSED = frozenset({"denied", "refused", "no_right"})


class PagesAwayError(Exception):
    """The pages do not answer as they should; the text says how."""


def by_device(run: Path | None, pages: str) -> DeviceAnswer:
    """Who confirmed the code, with a token; ends the command where nobody did."""
    with told():
        ca_file = connect(served()[0], run).pages_ca_file
        door = _PagesDoor(pages or _known_pages(run), ca_file)
        try:
            begun = door.ask(DEVICE_START, machine=platform.node())
        except PagesAwayError as error:
            fail(str(error))
        if begun.state == "away":
            fail("the provider cannot be reached from the pages; their log says why")
        _end_if_over(begun.state)
        _show(begun)
        answer = _confirmed(door, begun)
        try:
            person_by_token(run, answer.token, source())
        except PersonalTokenError as error:
            fail(str(error), EXIT_CODES[Stage.REFUSED])
        return answer


class _PagesDoor:
    def __init__(self, address: str, ca_file: Path | None) -> None:
        """Ends the command for an address that is none."""
        self._ca_file = ca_file
        self._address = address.rstrip("/")
        try:
            self._parts = urlsplit(self._address)
            fits = self._parts.scheme in {"http", "https"} and self._parts.hostname
            self._port = self._parts.port
        except ValueError:
            fits = None
        if not fits:
            usage(f"--pages {address}: is no address of the form https://host[:port]")

    def ask(self, path: str, **fields: str) -> DeviceAnswer:
        """PagesAwayError."""
        try:
            status, body = self._posted(path, urlencode(fields))
        except ssl.SSLCertVerificationError as error:
            raise PagesAwayError(
                f"{self._address}: nobody here trusts its certificate ({error.verify_message}); "
                "SSL_CERT_FILE or OMF_PAGES_CA_FILE names who signed it"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise PagesAwayError(f"the pages at {self._address} do not answer: {error}") from None
        if status in {http.client.NOT_FOUND, http.client.METHOD_NOT_ALLOWED}:
            raise PagesAwayError(
                f"the pages at {self._address} sign nobody in by a provider: their "
                "OMF_UI_DIRECTORY_FILE has to name one under oidc"
            )
        try:
            return DeviceAnswer.model_validate_json(body)
        except ValueError:
            raise PagesAwayError(
                f"{self._address} answers {status} and not as pages of this version do"
            ) from None

    def _posted(self, path: str, form: str) -> tuple[int, bytes]:
        host, secure = self._parts.hostname or "", self._parts.scheme == "https"
        connection = (
            http.client.HTTPSConnection(
                host, self._port, timeout=PAGES_ANSWER_S, context=_trusting(self._ca_file)
            )
            if secure
            else http.client.HTTPConnection(host, self._port, timeout=PAGES_ANSWER_S)
        )
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": f"{self._parts.scheme}://{self._parts.netloc}",
        }
        try:
            connection.request("POST", f"{self._parts.path}{path}", form, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_PAGES_ANSWER)
        finally:
            connection.close()


def _trusting(file: Path | None) -> ssl.SSLContext:
    """Whom this machine trusts, and who signed the pages of this installation. PagesAwayError."""
    context = ssl.create_default_context()
    if file is not None:
        try:
            context.load_verify_locations(file)
        except OSError as error:
            why = error.strerror or error
            raise PagesAwayError(f"OMF_PAGES_CA_FILE: {file}: {why}") from None
    return context


def _known_pages(run: Path | None) -> str:
    """Where the pages of this installation are; ends the command where nobody says so."""
    place = connect(served()[0], run)
    if found := place.run.ui if place.run else place.pages:
        return found
    named = os.environ.get("OMF_UI_DIRECTORY_FILE")
    try:
        directory = DirectoryFile.read(Path(named), names()) if named else None
    except DirectoryFileError as error:
        fail(f"OMF_UI_DIRECTORY_FILE: {error}")
    if directory is None or directory.oidc is None:
        usage("where are the pages? --pages https://HOST[:PORT] says so")
    return directory.oidc.pages


def _show(begun: DeviceAnswer) -> None:
    with_code = f" (or open {begun.address_with_code})" if begun.address_with_code else ""
    say(
        f"open {begun.address} at any machine and enter the code {begun.user_code}{with_code}",
        f"waiting until {clock.iso(clock.now() + begun.lasts_s)}; Ctrl-C gives up",
    )


def _confirmed(door: _PagesDoor, begun: DeviceAnswer) -> DeviceAnswer:
    """The answer that signs in; while pages or provider are away it is waited on, ever longer."""
    every, ends = begun.every_s, clock.monotonic() + begun.lasts_s
    answer = begun
    while answer.state != "signed_in":
        every = next_wait(every, answer.state)
        _end_if_over("expired" if clock.monotonic() + every >= ends else answer.state)
        time.sleep(every)
        try:
            answer = door.ask(DEVICE_ANSWER, attempt=begun.attempt)
        except PagesAwayError:
            answer = DeviceAnswer(state="away")
    return answer


def next_wait(every: int, state: DeviceState) -> int:
    """Seconds until the next question, after one that came so long after the one before."""
    if state == "slow_down":
        return every + SLOWER_S
    return max(every, min(2 * every, SELDOMEST_S)) if state == "away" else every


def _end_if_over(state: DeviceState) -> None:
    if state in _OVER:
        refused = state in _REFUSED
        fail(_OVER[state], EXIT_CODES[Stage.REFUSED] if refused else EXIT_FAILED)
