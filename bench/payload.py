"""The event that every server of the benchmark delivers: of the size of a ``suspended`` event."""

import json
from typing import Any, Final

EVENT: Final[dict[str, Any]] = {
    "type": "suspended",
    "seq": 4711,
    "at": "2026-01-01T10:00:00.000Z",
    "by": "p1",
    "activities": [
        "audio",
        "video",
        "chat",
        "share",
        "annotate",
        "record",
        "rename",
        "profile_picture",
    ],
    "stopped": {"audio": ["p2", "p3", "p4", "p5"], "video": ["p2", "p3"], "share": ["p3"]},
}

TEXT: Final = json.dumps(EVENT, separators=(",", ":"))
