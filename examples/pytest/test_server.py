"""A real server, started for the first test that asks for it; each test has a space of its own in it."""

import json
from urllib.request import Request, urlopen

from meetingsim.clients.sync import guest, host
from meetingsim.testing.server import ServerSpace


def test_over_sockets_without_an_event_loop(meetingsim_server: ServerSpace) -> None:
    meeting = meetingsim_server.sync.create_meeting("Class 6")
    with host(meeting, "Teacher") as teacher, guest(meeting, "Mia", country="BR") as mia:
        teacher.admit(mia.participant)
        mia.placed("inside")


def test_with_any_client(meetingsim_server: ServerSpace) -> None:
    """The address and the token are all that another language needs."""
    meetingsim_server.sync.create_meeting("Class 7")
    headers = {"Authorization": f"Bearer {meetingsim_server.token}"}
    with urlopen(Request(f"{meetingsim_server.url}/api/v1/meetings", headers=headers)) as answer:
        assert [meeting["topic"] for meeting in json.load(answer)["meetings"]] == ["Class 7"]
