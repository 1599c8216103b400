// A tiny meeting product: a lobby, a chat, microphones and cameras, and two ways for the host to restore order.
// It has three bugs; FIXED=1 mends all of them, FIXED=talkers,devices,lobby any of them.

const mended = (process.env.FIXED ?? "").split(",");
const fixed = (bug) => mended.includes("1") || mended.includes(bug);

export class No extends Error {}

export class Meeting {
    constructor({ lobby }, tell) {
        this.lobby = lobby;
        this.tell = tell; // (what, about, to): something happened, and these people are told
        this.people = new Map();
        this.kicked = new Set();
        this.quiet = false;
        this.over = false;
    }

    in = (who) => [...this.people.values()].filter((one) => one.place === "in" && (!who || who(one)));

    enter({ id, name, device, host }) {
        if (this.over) throw new No("over");
        if (this.kicked.has(fixed("devices") ? device : `${device} ${name}`) && !host) throw new No("kicked");
        if (this.quiet && !host) throw new No("closed");
        const place = this.lobby && !host ? "lobby" : "in";
        const person = { id, name, device, host, place, mic: false, camera: false, spoke: false };
        const to = this.in((one) => place === "in" || one.host);
        this.people.set(id, person);
        this.tell(place === "in" ? "entered" : "knocked", { person }, to);
        return person;
    }

    letIn(by, id) {
        const person = this.person(id, "lobby");
        this.requireHost(by);
        const to = this.in();
        person.place = "in";
        this.tell("let in", { person, by }, to);
    }

    kick(by, id) {
        const person = this.person(id);
        this.requireHost(by);
        if (person.host) throw new No("host");
        this.kicked.add(fixed("devices") ? person.device : `${person.device} ${person.name}`);
        this.people.delete(id);
        this.tell("kicked", { person, by }, this.in((one) => person.place === "in" || one.host));
    }

    silence(by) {
        this.requireHost(by);
        const running = this.in((one) => one.mic || one.camera);
        if (this.quiet && running.every((one) => one.host)) return;
        const stopped = running.map(({ id, mic, camera }) => ({ id, mic, camera }));
        for (const one of this.in()) one.mic = one.camera = false;
        this.quiet = true;
        this.tell("silenced", { by, stopped }, this.in());
    }

    say(id, text) {
        const person = this.person(id, "in");
        // Whoever is in the middle of something may end it: a kindness that raiders like.
        if (this.quiet && !person.host && (fixed("talkers") || !person.spoke)) throw new No("silenced");
        person.spoke = true;
        this.tell("said", { person, text }, fixed("lobby") ? this.in() : [...this.people.values()]);
    }

    turn(id, what, on) {
        const person = this.person(id, "in");
        if (on && this.quiet && !person.host) throw new No("silenced");
        if (person[what] === on) return;
        person[what] = on;
        this.tell(what, { person, on }, this.in());
    }

    leave(id) {
        const person = this.person(id);
        this.people.delete(id);
        this.tell("left", { person }, this.in((one) => person.place === "in" || one.host));
    }

    end(by) {
        this.requireHost(by);
        this.over = true;
        this.tell("over", { by }, this.in());
    }

    person(id, place) {
        const person = this.people.get(id);
        if (!person || this.over) throw new No("gone");
        if (place && person.place !== place) throw new No(place === "in" ? "not in" : "not waiting");
        return person;
    }

    requireHost(id) {
        if (!this.person(id, "in").host) throw new No("no host");
    }
}
