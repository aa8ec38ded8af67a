"""What a device is asked for a passkey (WebAuthn level 2), and which answer is believed."""

import hashlib
from collections.abc import Iterable

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.common.auth.passkey import Passkey

_VERIFIED = UserVerificationRequirement.REQUIRED
_OWN = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
)


class PasskeyRefusedError(Exception):
    """The answer of a device proves nothing; the text says why, for the log."""


def creation(name: str, host: str, challenge: bytes, known: Iterable[Passkey]) -> str:
    """What a device is asked to make a passkey of that person, as JSON; not twice on one device."""
    own = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in known]
    options = generate_registration_options(
        rp_id=host,
        rp_name="OMF",
        user_name=name,
        user_id=hashlib.sha256(name.encode()).digest(),
        challenge=challenge,
        authenticator_selection=_OWN,
        exclude_credentials=own,
    )
    return options_to_json(options)


def created(answer: str, host: str, origin: str, challenge: bytes) -> Passkey:
    """The passkey a device made; PasskeyRefusedError."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefusedError(str(error)) from None
    return Passkey(
        id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        host=host,
        count=made.sign_count,
    )


def question(host: str, challenge: bytes) -> str:
    """What a device is asked to prove that a person is there, as JSON: whose passkey it has."""
    options = generate_authentication_options(
        rp_id=host, challenge=challenge, user_verification=_VERIFIED
    )
    return options_to_json(options)


def proven(answer: str, passkey: Passkey, origin: str, challenge: bytes) -> int:
    """How often the device says it was used, once it proved itself; PasskeyRefusedError."""
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=passkey.host,
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefusedError(str(error)) from None
    return found.new_sign_count
