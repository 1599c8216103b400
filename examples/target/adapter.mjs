// Lets scenarios of meetingsim play against product.mjs: meetingsim run NAME --target 'node examples/target/adapter.mjs'

import { createInterface } from "node:readline";
import { Meeting, No } from "./product.mjs";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const CODES = {
    closed: "locked", gone: "not_inside", host: "protected", kicked: "removed", "no host": "not_host",
    "not in": "not_inside", "not waiting": "not_waiting", over: "ended", silenced: "suspended",
};
const ACTIVITIES = ["annotate", "audio", "chat", "profile_picture", "record", "rename", "share", "video"];

let meeting;
let lines = 0;
const ids = new Map(); // who somebody of the cast is now, by the name they have there
const actors = new Map(); // and the other way round, for good

// What the contract says of people and the meeting, from what the product knows.
const role = (person) => (person.host ? "host" : "participant");
const row = ({ id, name, host, mic, camera }) => ({
    id, name, role: role({ host }), place: "inside", audio: mic, video: camera,
    share: false, recording: false, hand: false, profile_picture: false,
});
const waiting = ({ id, name }) => ({ id, name, since: "", why: "waiting_room", place: "waiting" });
const status = () => (meeting.over ? "ended" : "started");

function view(person) {
    const inside = person.place === "in";
    const me = { id: person.id, name: person.name, role: role(person), place: inside ? "inside" : "waiting" };
    if (!inside) {
        const sign = { title: "", description: "" };
        return { me, meeting: { id: "m", status: status(), waiting_room: sign }, waiting_messages: [] };
    }
    const shown = { id: "m", topic: "", kind: "meeting", status: status(), locked: meeting.quiet };
    const seen = { me, meeting: { ...shown, suspended: meeting.quiet ? ACTIVITIES : [] }, participants: meeting.in().map(row), messages: [] };
    const lobby = [...meeting.people.values()].filter((one) => one.place === "lobby");
    return person.host ? { ...seen, waiting: lobby.map(waiting), waiting_messages: [] } : seen;
}

// What the product tells, in the words of the contract.
const because = (rule) => ({ rule, door: "socket", country: null, source: "none" });
const EVENTS = {
    entered: ({ person }) => ({ fact: "joined", participant: person.id, person: row(person), because: because(person.host ? "host" : "open") }),
    knocked: ({ person }) => ({ fact: "joined_waiting_room", participant: person.id, person: waiting(person), because: because("waiting_room") }),
    "let in": ({ person, by }) => ({ fact: "admitted", participant: person.id, person: row(person), by, because: because("admit") }),
    kicked: ({ person, by }) => ({ fact: "removed", participant: person.id, by, because: because("remove") }),
    silenced: ({ by, stopped }) => ({
        fact: "suspended", by, activities: ACTIVITIES, because: because("suspend"),
        stopped: stopped.map(({ id, mic, camera }) => ({ participant: id, activities: [...(mic ? ["audio"] : []), ...(camera ? ["video"] : [])] })),
    }),
    said: ({ person, text }) => ({ fact: "message", message: `l${(lines += 1)}`, from: person.id, to: "everyone", text }),
    mic: ({ person, on }) => ({ fact: "audio_changed", participant: person.id, on }),
    camera: ({ person, on }) => ({ fact: "video_changed", participant: person.id, on }),
    left: ({ person }) => ({ fact: "left", participant: person.id }),
    over: ({ by }) => ({ fact: "ended", by, because: because("end") }),
};

function tell(what, about, to) {
    const event = EVENTS[what](about);
    say(event);
    const { fact: type, because: _, ...fields } = event;
    if (["entered", "knocked", "let in"].includes(what)) show(about.person);
    for (const person of to) say({ fact: "received", actor: actors.get(person.id), frame: { type, ...fields } });
    if (what === "kicked") say({ fact: "disconnected", actor: actors.get(about.person.id), code: 4500 });
    if (what === "over") for (const id of meeting.people.keys()) say({ fact: "disconnected", actor: actors.get(id), code: 4502 });
}

function show(person) {
    say({ fact: "received", actor: actors.get(person.id), frame: { type: "view", view: view(person) } });
}

// What is asked, in the words of the product.
const COMMANDS = {
    open({ scenario, settings, kind, actors }) {
        const lobby = settings.waiting_room?.enabled ?? true;
        meeting = new Meeting({ lobby }, tell);
        const lacks = { "report.durable-with-evidence": "there is no desk for reports" };
        if (scenario === "passcode-guessing") lacks.passcodes = "there are no passcodes";
        if (kind !== "meeting") lacks.kind = "there are no webinars";
        if (actors.some(({ role }) => !["host", "participant"].includes(role))) lacks.roles = "there are hosts and participants only";
        const had = { waiting_room: { enabled: lobby }, removal: { match: ["device"], unmatched: "admit" }, join_before_host: true };
        return { settings: had, lacks };
    },
    join({ actor, name, device, role }) {
        leave({ actor }, 4003);
        const id = `${actor}#${actors.size + 1}`;
        actors.set(id, actor);
        meeting.enter({ id, name, device, host: role === "host" });
        ids.set(actor, id);
        return { participant: id };
    },
    leave,
    cut: leave,
    admit: ({ actor, participant }) => meeting.letIn(ids.get(actor), participant),
    remove: ({ actor, participant }) => meeting.kick(ids.get(actor), participant),
    suspend: ({ actor }) => meeting.silence(ids.get(actor)),
    chat: ({ actor, text }) => meeting.say(ids.get(actor), text),
    set_audio: ({ actor, on }) => meeting.turn(ids.get(actor), "mic", on),
    set_video: ({ actor, on }) => meeting.turn(ids.get(actor), "camera", on),
    end: ({ actor }) => meeting.end(ids.get(actor)),
};

function leave({ actor }, code = 1000) {
    if (!meeting.people.has(ids.get(actor)) || meeting.over) return;
    meeting.leave(ids.get(actor));
    say({ fact: "disconnected", actor, code });
}

say({ can: Object.keys(COMMANDS), views: ["server", "client"], clock: "told" });
for await (const line of createInterface({ input: process.stdin })) {
    const { n, do: command, ...fields } = JSON.parse(line);
    try {
        say({ n, ok: true, ...COMMANDS[command](fields) });
    } catch (error) {
        if (!(error instanceof No)) throw error;
        say({ n, ok: false, code: CODES[error.message], detail: error.message });
    }
}
