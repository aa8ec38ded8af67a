"""The keys of what is wrong and of who is told of it, part of the table in contracts.py."""

from services.common.store.contract import Contract

ALARM_CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "alarms",
        "stream",
        ("alarms",),
        ("orders", "historian", "ui", "api", "omf"),
        "AlarmEntry",
        "each passage of each alarm, and who did it",
    ),
    Contract(
        "alarms:now",
        "hash",
        ("alarms",),
        ("orders", "notifications", "ui", "api", "omf"),
        "AlarmLife",
        "id -> an alarm that is not normal, as it is now",
    ),
    Contract(
        "alarms:owner",
        "text",
        ("alarms",),
        ("orders", "notifications", "ui", "api", "omf"),
        "AlarmsOwner",
        "who owns the alarms, since when nothing has changed, how far commands were heard",
    ),
    Contract(
        "notifications",
        "text",
        ("notifications",),
        ("ui", "omf"),
        "NotificationStatus",
        "who is told now, which address fails, what is wrong with the file of receivers",
    ),
    Contract(
        "notifications:owner",
        "text",
        ("notifications",),
        (),
        "NotificationsOwner",
        "which process tells the receivers",
    ),
    Contract(
        "notifications:told",
        "hash",
        ("notifications",),
        (),
        "AlarmNotice",
        "receiver and alarm -> what that receiver was told last",
    ),
    Contract(
        "notifications:outbox",
        "hash",
        ("notifications",),
        (),
        "OutboxEntry",
        "a notice on its way to an address, and which process is sending it",
    ),
    Contract(
        "notifications:addresses",
        "hash",
        ("notifications",),
        (),
        "AddressRecord",
        "address -> how it went with it so far",
    ),
    Contract(
        "notifications:browsers",
        "hash",
        (),
        ("notifications",),
        "PushBrowser",
        "a browser that asked to be told; its push service may have it taken off",
    ),
)
