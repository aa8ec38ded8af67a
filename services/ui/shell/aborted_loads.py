"""A browser that leaves before its page is there is no fault, and no traceback in the log.

NiceGUI's middlewares are made of Starlette's BaseHTTPMiddleware, which raises this when the browser
is gone before there is an answer; the server logs it as an exception of the application.
"""

import logging

NO_ANSWER = "No response returned."


class AbortedLoads(logging.Filter):
    """Leaves out what the server logs of them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for the traceback of an aborted load."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        return not (isinstance(error, RuntimeError) and str(error) == NO_ANSWER)


def leave_out() -> None:
    """From now on the server logs none."""
    logging.getLogger("uvicorn.error").addFilter(AbortedLoads())
