// A tiny meeting product: a lobby, a chat, microphones and cameras, and two ways for the host to restore order.
// It has three bugs; FIXED=1 mends all of them, FIXED=talkers,devices,lobby any of them.
const fixed = (bug) => ["1", bug].some((one) => (process.env.FIXED ?? "").split(",").includes(one));
const mark = ({ device, name }) => (fixed("devices") ? device : `${device} ${name}`);
const refuse = (why, when) => { if (when) throw new No(why); };
export class No extends Error {}
export class Meeting {
    constructor({ lobby }, tell) { Object.assign(this, { lobby, tell, people: new Map(), kicked: new Set(), quiet: false, over: false }); } // tell(what, about, to)
    in = () => [...this.people.values()].filter((one) => one.place === "in");
    watching = (person) => this.in().filter((one) => person.place === "in" || one.host);
    host = (id) => refuse("no host", !this.person(id, "in").host);
    person(id, place) {
        const person = this.people.get(id);
        refuse("gone", !person || this.over);
        refuse(place === "in" ? "not in" : "not waiting", place && person.place !== place);
        return person;
    }
    enter({ id, name, device, host }) {
        refuse("over", this.over);
        refuse("kicked", !host && this.kicked.has(mark({ device, name })));
        refuse("closed", !host && this.quiet);
        const person = { id, name, device, host, place: this.lobby && !host ? "lobby" : "in", mic: false, camera: false };
        const to = this.watching(person);
        this.people.set(id, person);
        this.tell(person.place === "in" ? "entered" : "knocked", { person }, to);
    }
    letIn(by, id) {
        this.host(by);
        const [person, to] = [this.person(id, "lobby"), this.in()];
        person.place = "in";
        this.tell("let in", { person, by }, to);
    }
    gone = (how, person, by) => this.people.delete(person.id) && this.tell(how, { person, by }, this.watching(person));
    leave = (id) => this.gone("left", this.person(id));
    kick(by, id) {
        this.host(by);
        const person = this.person(id);
        refuse("host", person.host);
        this.kicked.add(mark(person));
        this.gone("kicked", person, by);
    }
    silence(by) {
        this.host(by);
        const stopped = this.in().filter((one) => one.mic || one.camera).map((one) => ({ ...one }));
        if (this.quiet && stopped.every((one) => one.host)) return;
        for (const one of this.in()) one.mic = one.camera = false;
        this.quiet = true;
        this.tell("silenced", { by, stopped }, this.in());
    }
    say(id, text) {
        const person = this.person(id, "in"); // a kindness that raiders like: who was talking may finish
        refuse("silenced", this.quiet && !person.host && (fixed("talkers") || !person.spoke));
        person.spoke = true;
        this.tell("said", { person, text }, fixed("lobby") ? this.in() : [...this.people.values()]);
    }
    turn(id, what, on) {
        const person = this.person(id, "in");
        refuse("silenced", on && this.quiet && !person.host);
        if (person[what] === on) return;
        person[what] = on;
        this.tell(what, { person, on }, this.in());
    }
    end = (by) => { this.host(by); this.over = true; this.tell("over", { by }, this.in()); };
}
