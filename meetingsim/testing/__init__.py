"""Meetings for tests, in process and in time that is only counted: no socket, no thread, and an hour is over at once.

    async def lesson(simulation: Simulation) -> None:
        meeting = await simulation.create_meeting(settings={"waiting_room": {"enabled": False}})
        teacher, mia = await meeting.host("Teacher"), await meeting.guest("Mia", country="BR")
        await teacher.suspend()
        with pytest.raises(SuspendedError):
            await mia.set_audio(True)
        await simulation.advance("40m")

    with Simulation() as simulation:
        simulation.run(lesson(simulation))

The same without ``await`` is ``meetingsim.testing.sync``. People do and wait as the connections of ``meetingsim.clients``.
When a call returns, all that it caused has reached everybody: what is not there then does not come.
"""

from __future__ import annotations

from meetingsim.testing.meeting import Meeting
from meetingsim.testing.person import Person
from meetingsim.testing.simulation import Simulation

__all__ = ["Meeting", "Person", "Simulation"]
