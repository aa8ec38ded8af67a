"""What mosquitto tells of itself under $SYS, of which the pages and Prometheus show figures."""

SYS_VERSION = "$SYS/broker/version"
SYS_UPTIME = "$SYS/broker/uptime"
SYS_CLIENTS = "$SYS/broker/clients/connected"
SYS_SUBSCRIPTIONS = "$SYS/broker/subscriptions/count"
SYS_RETAINED = "$SYS/broker/retained messages/count"
SYS_RECEIVED = "$SYS/broker/load/messages/received/1min"
SYS_SENT = "$SYS/broker/load/messages/sent/1min"
"""Of every packet: of `load/publish/received` mosquitto 2.0 leaves most messages out."""
SYS_DROPPED = "$SYS/broker/publish/messages/dropped"
"""Messages thrown away because a client's queue was full."""
BROKER_FIGURES = (
    *(SYS_DROPPED, SYS_VERSION, SYS_UPTIME, SYS_CLIENTS),
    *(SYS_SUBSCRIPTIONS, SYS_RETAINED, SYS_RECEIVED, SYS_SENT),
)
"""Every topic that is asked for; other brokers and other rights tell none or some of them."""
