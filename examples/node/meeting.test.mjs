// A whole meeting, played by node's own test runner. The client comes from the server itself.
import assert from "node:assert/strict";
import { test } from "node:test";

const url = process.env.MEETINGSIM_URL ?? "http://127.0.0.1:8765";
const source = await (await fetch(`${url}/client.js`)).text();
const { RefusedError, Server, connect } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const server = new Server(url);

/** A started meeting with its host in it; whoever comes is gone again when the test is over. */
async function classroom(t, settings = {}) {
  const meeting = await server.create_meeting("Class 6", { settings });
  const come = async (name, shown = {}) => {
    const connection = await connect(meeting.join_url, { name, ...shown });
    t.after(() => connection.close());
    return connection;
  };
  const host = await come("Prof. Ito", { host_token: meeting.host_token });
  return { meeting, host, come };
}

/** The refusal with which a promise ends. */
async function refusal(promise) {
  const error = await promise.then(() => assert.fail("it was not refused"), (error) => error);
  assert.ok(error instanceof RefusedError, String(error));
  return error;
}

test("whoever waits reads what the host writes to them, and is let in", async (t) => {
  const { host, come } = await classroom(t, { waiting_room: { title: "One moment, please" } });
  const mia = await come("Mia");
  assert.equal(mia.place, "waiting");
  assert.equal(mia.view.meeting.waiting_room.title, "One moment, please");
  assert.equal(mia.view.participants, undefined, "who is inside is nobody's business outside");

  const { participant } = await host.wait_for("joined_waiting_room");
  await host.waiting_room_chat("Who are you?", { to: participant });
  assert.equal((await mia.wait_for("waiting_room_message")).text, "Who are you?");
  await mia.waiting_room_chat("Mia, from class 6");
  assert.equal((await host.wait_for("waiting_room_message", { from: participant })).text, "Mia, from class 6");

  await host.admit(participant);
  await mia.placed("inside");
  assert.deepEqual(mia.view.participants.map((row) => row.name), ["Prof. Ito", "Mia"]);
  await mia.chat("Good morning");
  assert.equal((await host.wait_for("message")).text, "Good morning");
});

test("the region rule keeps a country out, and says so", async (t) => {
  const { host, come } = await classroom(t);
  await host.set_region_rule("deny", { countries: ["KP"], unknown: "allow" });
  const refused = await refusal(come("Kim", { country: "KP" }));
  assert.equal(refused.code, "region_blocked");
  assert.equal(refused.temporary, false);
  assert.equal((await host.wait_for("entry_refused")).country, "KP");
  assert.equal((await come("Mia", { country: "BR" })).place, "waiting");
});

test("a suspend stops everything at once, and chat alone is given back", async (t) => {
  const { host, come } = await classroom(t, { waiting_room: { enabled: false } });
  const raider = await come("offensive-name-1");
  await raider.set_audio(true);
  await raider.start_share();
  await host.suspend();

  const { stopped } = await raider.wait_for("suspended");
  assert.deepEqual(stopped, [{ participant: raider.participant, activities: ["audio", "share"] }]);
  assert.equal((await refusal(raider.chat("offensive-text-1"))).code, "suspended");
  assert.equal((await refusal(come("Late"))).code, "locked");

  await host.allow("chat", true);
  await raider.wait_for("allowed");
  assert.equal(raider.view.me.allowed.chat, "everyone_and_private");
  assert.equal(raider.view.me.allowed.audio, false);
  await raider.chat("Sorry");
});

test("the removed are out at once, reported, and stay out on the same device", async (t) => {
  const { meeting, host, come } = await classroom(t, { waiting_room: { enabled: false } });
  const raider = await come("offensive-name-2", { device: "a laptop" });
  const { report } = await host.remove(raider.participant, { report: { issue: "meeting_disruption" } });
  assert.ok(report);
  assert.equal((await raider.closed()).code, 4500);
  assert.equal((await refusal(come("Somebody else", { device: "a laptop" }))).code, "removed");

  const { events } = await server.get(`/meetings/${meeting.id}/events?type=removed`, { token: meeting.host_token });
  assert.equal(events[0].because.rule, "remove");
});

test("a lost connection comes back to the same seat, with what was missed", async (t) => {
  const { host, come } = await classroom(t, { waiting_room: { enabled: false } });
  const mia = await come("Mia", { reconnect: true });
  const id = mia.participant;
  mia.drop();
  await host.wait_for("reconnecting", { participant: id });
  await host.chat("Mia, where are you?");
  assert.equal((await mia.wait_for("came_back")).how, "resumed");
  assert.equal((await mia.wait_for("message")).text, "Mia, where are you?");
  await mia.chat("Here again");
  assert.equal((await host.wait_for("message", { from: id })).text, "Here again");
  assert.equal(mia.participant, id);
  assert.deepEqual(mia.mirror.faults, []);
});

test("the end is everybody's", async (t) => {
  const { meeting, host, come } = await classroom(t, { waiting_room: { enabled: false } });
  const mia = await come("Mia");
  await server.control(meeting, "end");
  assert.equal((await mia.closed()).code, 4502);
  assert.equal((await host.closed()).code, 4502);
  assert.equal((await refusal(come("Late"))).code, "ended");
});
