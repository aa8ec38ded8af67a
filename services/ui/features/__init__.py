"""One package for each feature; the order here is the order of the menu."""

from services.ui.features.account.page import PAGE as ACCOUNT
from services.ui.features.alarms.page import PAGE as ALARMS
from services.ui.features.audit.page import PAGE as AUDIT
from services.ui.features.changes.page import PAGE as CHANGES
from services.ui.features.commands.page import PAGE as COMMANDS
from services.ui.features.configuration.page import PAGE as CONFIGURATION
from services.ui.features.devices.page import MODULE_PAGE, VEHICLE_PAGE
from services.ui.features.floor.page import PAGE as FLOOR
from services.ui.features.help.page import PAGE as HELP
from services.ui.features.history.page import PAGE as HISTORY
from services.ui.features.messages.page import PAGE as MESSAGES
from services.ui.features.orders.order_page import PAGE as ORDER
from services.ui.features.orders.page import PAGE as ORDERS
from services.ui.features.overview.page import PAGE as OVERVIEW
from services.ui.features.report.page import PAGE as REPORT
from services.ui.features.sensors.page import PAGE as SENSORS
from services.ui.features.sessions.page import PAGE as SESSIONS
from services.ui.features.steering.page import PAGE as STEERING
from services.ui.features.stock.page import PAGE as STOCK
from services.ui.features.system.page import PAGE as SYSTEM
from services.ui.features.users.page import PAGE as USERS
from services.ui.features.workpieces.page import PAGE as WORKPIECES
from services.ui.features.workpieces.workpiece_page import PAGE as WORKPIECE
from services.ui.types import Page

PAGES: tuple[Page, ...] = (
    OVERVIEW,
    ALARMS,
    FLOOR,
    MODULE_PAGE,
    VEHICLE_PAGE,
    STOCK,
    SENSORS,
    WORKPIECES,
    WORKPIECE,
    ORDERS,
    ORDER,
    REPORT,
    STEERING,
    COMMANDS,
    MESSAGES,
    HISTORY,
    CHANGES,
    SESSIONS,
    CONFIGURATION,
    SYSTEM,
    AUDIT,
    USERS,
    HELP,
    ACCOUNT,
)
