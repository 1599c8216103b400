"""What may be said for an enum: a member or its word.

Generated out of the settings by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from meetingsim.state.settings import Activity, ChatLevel

AnyActivity: TypeAlias = (
    Activity | Literal["audio", "video", "chat", "share", "annotate", "record", "rename", "profile_picture"]
)
AnyChatLevel: TypeAlias = ChatLevel | Literal["nobody", "hosts", "everyone", "everyone_and_private"]
