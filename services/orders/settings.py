"""What the arbiter is told from outside."""

from services.common.process.settings import ServiceSettings


class OrdersSettings(ServiceSettings):
    """Settings of one orders process."""

    control_lease: bool = False
    """`OMF_CONTROL_LEASE`: risky commands only from whoever holds the control lease."""
    four_eyes: bool = False
    """`OMF_FOUR_EYES`: dangerous commands go out once a second person has approved them."""
