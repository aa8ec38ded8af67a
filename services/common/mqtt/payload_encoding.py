"""The bytes of a message as they stand in JSON: on the command line, in sessions, over HTTP."""

import base64


def payload_fields(payload: bytes) -> dict[str, str]:
    """The payload as text; what is not UTF-8 readable as far as it goes, and exact in base64."""
    try:
        return {"payload": payload.decode()}
    except UnicodeDecodeError:
        exact = base64.b64encode(payload).decode()
        return {"payload": payload.decode(errors="replace"), "payload_base64": exact}
