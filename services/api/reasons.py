"""The refusals of this door, each with what the caller can do."""

from omf.commands import Text
from services.api.problems import Sort

INVALID = Sort(
    "invalid",
    422,
    Text(de="Die Anfrage ist nicht richtig ausgefüllt.", en="The request is not filled in right."),
    Text(de="Die genannten Felder berichtigen.", en="Correct the fields that are named."),
)
UNREADABLE = Sort(
    "unreadable",
    400,
    Text(de="Die Anfrage ist nicht lesbar.", en="The request cannot be read."),
    Text(de="Gültiges JSON in UTF-8 senden.", en="Send valid JSON in UTF-8."),
)
UNKNOWN_CLIENT = Sort(
    "unknown-client",
    401,
    Text(de="Dieser Zugang ist nicht bekannt.", en="This client is not known."),
    Text(
        de="Mit `Authorization: Bearer <Token>` anfragen.",
        en="Ask with `Authorization: Bearer <token>`.",
    ),
)
ROLE = Sort(
    "role",
    403,
    Text(de="Dafür reicht die Rolle nicht.", en="The role does not allow it."),
    Text(
        de="Einen Token mit höherer Rolle verwenden (Tokendatei).",
        en="Use a token with a higher role (tokens file).",
    ),
)
FOREIGN_HOST = Sort(
    "host",
    403,
    Text(de="Unter diesem Namen wird nicht geantwortet.", en="Nothing is served by this name."),
    Text(
        de="Über 127.0.0.1 oder localhost anfragen, oder eine Tokendatei einrichten.",
        en="Ask by 127.0.0.1 or localhost, or set up a tokens file.",
    ),
)
OTHER_ENVIRONMENT = Sort(
    "environment",
    403,
    Text(de="Diese Umgebung ist nicht freigegeben.", en="This environment is not open to you."),
    Text(
        de="`environments` des Zugangs in der Tokendatei erweitern.",
        en="Widen `environments` of the client in the tokens file.",
    ),
)
NO_ENVIRONMENT = Sort(
    "no-environment",
    404,
    Text(de="Diese Umgebung wird hier nicht bedient.", en="This environment is not served here."),
    Text(de="Eine aus OMF_ENVIRONMENTS nehmen.", en="Take one of OMF_ENVIRONMENTS of this server."),
)
NO_COMMAND = Sort(
    "no-command",
    404,
    Text(de="Diesen Befehl gibt es nicht.", en="There is no such command."),
    Text(
        de="command_id und Umgebung prüfen; Befehle werden 30 Tage behalten.",
        en="Check command_id and environment; commands are kept for 30 days.",
    ),
)
NOT_HERE = Sort(
    "not-here",
    404,
    Text(de="Hier ist nichts.", en="There is nothing here."),
    Text(de="Adressen stehen in /api/v1/openapi.json.", en="/api/v1/openapi.json has the paths."),
)
METHOD = Sort(
    "method",
    405,
    Text(de="So lässt sich das nicht anfragen.", en="This cannot be asked with this method."),
    Text(de="Methoden stehen in /api/v1/openapi.json.", en="/api/v1/openapi.json has the methods."),
)
TOO_SLOW = Sort(
    "too-slow",
    408,
    Text(de="Die Anfrage kam nicht zu Ende.", en="The request did not come to its end."),
    Text(de="Die Anfrage am Stück senden.", en="Send the request in one go."),
)
OTHER_COMMAND = Sort(
    "other-command",
    409,
    Text(
        de="Unter dieser command_id steht ein anderer Befehl.",
        en="This command_id is another command's.",
    ),
    Text(
        de="Für einen neuen Befehl eine neue command_id nehmen.",
        en="Take a new command_id for a new command.",
    ),
)
TOO_LARGE = Sort(
    "too-large",
    413,
    Text(de="Die Anfrage ist größer als 64 KiB.", en="The request is larger than 64 KiB."),
    Text(de="Weniger auf einmal senden.", en="Send less at a time."),
)
TOO_MANY_COMMANDS = Sort(
    "too-many-commands",
    429,
    Text(
        de="Mehr als zehn Befehle in der Sekunde von einem Zugang.",
        en="More than ten commands a second from one client.",
    ),
    Text(
        de="Nach der Zeit in Retry-After mit derselben command_id wiederholen.",
        en="Repeat with the same command_id after the time in Retry-After.",
    ),
)
TOO_MANY_STREAMS = Sort(
    "too-many-streams",
    429,
    Text(de="Zu viele offene Ströme.", en="Too many open streams."),
    Text(
        de="Einen Strom schließen, oder einen mit weiterem Filter öffnen.",
        en="Close one, or open one with a wider filter.",
    ),
)
TOO_MUCH = Sort(
    "too-much",
    422,
    Text(
        de="Die Frage an das Archiv dauert zu lange oder liest zu viel.",
        en="The question to the archive takes too long or reads too much.",
    ),
    Text(
        de="Mit `from` und `to`, einem engeren Filter oder kleinerem `limit` eingrenzen.",
        en="Narrow it with `from` and `to`, a narrower filter or a smaller `limit`.",
    ),
)
BUG = Sort(
    "bug",
    500,
    Text(de="Das ist ein Fehler dieses Programms.", en="This is a mistake of this program."),
    Text(de="Das Protokoll des Dienstes api melden.", en="Report the log of the service api."),
)
STORE_AWAY = Sort(
    "store-away",
    503,
    Text(de="Der Speicher antwortet nicht.", en="The store does not answer."),
    Text(
        de="Mit derselben command_id wiederholen; `omf doctor` sagt, was fehlt.",
        en="Repeat with the same command_id; `omf doctor` says what is wrong.",
    ),
)
NOT_READY = Sort(
    "not-ready",
    503,
    Text(de="Das Journal wird noch gelesen.", en="The journal is still being read."),
    Text(de="In wenigen Sekunden wiederholen.", en="Repeat in a few seconds."),
)
