// The connection of the JavaScript client, against a real server whose clock is moved by hand.
import assert from "node:assert/strict";
import { test } from "node:test";

const { CLIENT, MEETINGSIM_URL: url, MEETINGSIM_ADMIN_TOKEN: token } = process.env;
const { Connection, ConnectionClosed, LinkInvalid, MeetingsimError, RefusedError, Server, WaitTimeout, connect } = await import(CLIENT);
const server = new Server(url, { token });
const advance = (by) => server.post("/clock", { advance: by });

async function classroom(t, settings = { waiting_room: { enabled: false } }) {
  const meeting = await server.create_meeting("Class 6", { settings });
  const come = async (name, shown = {}) => {
    const connection = await connect(meeting.join_url, { name, ...shown });
    t.after(() => connection.close());
    return connection;
  };
  const host = await come("Prof. Ito", { host_token: meeting.host_token });
  return { meeting, host, come };
}

/** A policy that does something in the gap instead of waiting; the waits that it was asked for stand in `waits`. */
function meanwhile(act, more = {}) {
  const waits = [];
  const sleep = async (ms) => {
    waits.push(ms);
    if (waits.length === 1) await act();
  };
  return { sleep, random: () => 0.5, base: 200, cap: 1000, waits, ...more };
}

test("a frame is taken once, and by whoever asked for its kind, in whatever order", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia");
  const later = host.wait_for("message", { text: "two" });
  await mia.chat("one");
  await mia.raise_hand(true);
  await mia.chat("two");
  assert.equal((await later).text, "two");
  assert.equal((await host.wait_for("hand_changed")).up, true);
  assert.equal((await host.wait_for("message")).text, "one");
  await assert.rejects(host.wait_for("message", null, 1), (error) => {
    assert.ok(error instanceof WaitTimeout);
    assert.match(error.message, /^no message within 1 ms; the last frames: .*\bmessage\b/);
    return true;
  });
  assert.deepEqual(host.frames("message").map((frame) => frame.text), ["one", "two"]);
});

test("two waits for one kind get two frames", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia");
  const both = Promise.all([host.wait_for("message"), host.wait_for("message")]);
  await mia.chat("one");
  await mia.chat("two");
  assert.deepEqual((await both).map((frame) => frame.text), ["one", "two"]);
});

test("a condition that throws fails the wait alone", async (t) => {
  const { host } = await classroom(t);
  const broken = host.seen((view) => view.messages.length && view.no_such_part.length);
  await Promise.all([host.chat("one"), assert.rejects(broken, TypeError)]);
  await host.chat("two");
});

test("a listener hears what comes until it is taken off", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia");
  await host.wait_for("origin_known", { participant: mia.participant });
  const [heard, all, pictures] = [[], [], []];
  const off = host.on("message", (frame) => heard.push(frame.text));
  host.on("*", (frame) => all.push(frame.type));
  host.on("changed", (view) => pictures.push(view.messages.length));
  await mia.chat("one");
  await host.caught_up();
  off();
  await mia.chat("two");
  await host.caught_up();
  assert.deepEqual(heard, ["one"]);
  assert.deepEqual(all, ["message", "reply", "message", "reply"]);
  assert.deepEqual(pictures, [1, 2]);
});

test("what is malformed is refused, and the connection stays", async (t) => {
  const { host } = await classroom(t);
  host.send_raw("this is no frame");
  assert.equal((await host.wait_for("reply")).error.code, "malformed");
  const reply = await host.ask("set_audio", { on: "yes" }, { check: false });
  assert.equal(reply.error.code, "malformed");
  assert.match(host.tell("media", { kind: "audio", n: 1 }), /^\d+$/);
  assert.equal((await host.wait_for("reply")).ok, false, "media is answered where it is refused");
});

test("without a name the socket is open and nobody joined; a refused knock may be followed by another", async (t) => {
  const { meeting } = await classroom(t);
  const mia = await connect(meeting.socket_url);
  t.after(() => mia.close());
  assert.deepEqual([mia.view, mia.participant, mia.place, mia.session], [null, null, null, null]);
  await assert.rejects(mia.join("Mia", { passcode: "wrong" }), (error) => error instanceof RefusedError && !error.temporary);
  await mia.join("Mia", { passcode: meeting.passcode });
  assert.equal(mia.place, "inside");
});

test("what cannot be reached says so", async () => {
  await assert.rejects(connect("http://127.0.0.1:1/j/123", { name: "Mia" }), ConnectionClosed);
  await assert.rejects(connect("what is this?"), LinkInvalid);
  const connection = new Connection("ws://127.0.0.1:1/");
  await assert.rejects(connection.chat("anybody?"), ConnectionClosed);
  const known = globalThis.WebSocket;
  try {
    globalThis.WebSocket = undefined;
    assert.throws(() => new Connection("ws://127.0.0.1:1/"), MeetingsimError);
    assert.ok(new Connection("ws://127.0.0.1:1/", { WebSocket: known }));
  } finally {
    globalThis.WebSocket = known;
  }
});

test("the end of a connection ends every wait, with the code", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia", { reconnect: true });
  const closed = [];
  mia.on("closed", ({ code }) => closed.push(code));
  const waits = Promise.allSettled([mia.wait_for("message"), mia.seen(() => false)]);
  await host.remove(mia.participant);
  for (const { reason } of await waits) assert.deepEqual([reason instanceof ConnectionClosed, reason.code], [true, 4500]);
  await assert.rejects(mia.chat("offensive-text-1"), { code: 4500, temporary: false });
  await assert.rejects(mia.wait_for("message"), { code: 4500 });
  assert.deepEqual(closed, [4500]);
});

test("leaving is final, and so is closing", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia", { reconnect: true });
  const id = mia.participant;
  await mia.leave();
  assert.equal((await mia.closed()).code, 1000);
  await host.wait_for("left", { participant: id });
  const ben = await come("Ben", { reconnect: true });
  await ben.close();
  await host.wait_for("reconnecting", { participant: ben.participant });
  assert.deepEqual(ben.frames("came_back"), []);
});

test("a command that is sent in a gap waits for its end; one on its way is lost", async (t) => {
  const { host, come } = await classroom(t);
  const policy = meanwhile(() => host.chat("Where are you?"));
  class Lossy extends WebSocket {
    send(text) {
      if (!text.includes("lost words")) super.send(text);
    }
  }
  const mia = await come("Mia", { reconnect: policy, WebSocket: Lossy });
  const on_its_way = assert.rejects(mia.chat("lost words"), ConnectionClosed);
  mia.drop();
  const in_the_gap = mia.chat("two");
  await on_its_way;
  await host.wait_for("reconnecting");
  await in_the_gap;
  assert.deepEqual(mia.frames("came_back").map(({ how, tries }) => [how, tries]), [["resumed", 1]]);
  assert.deepEqual(mia.view.messages.map((line) => line.text), ["Where are you?", "two"]);
  assert.deepEqual(policy.waits, [100]);
  assert.deepEqual(mia.mirror.faults, []);
});

test("whoever was moved in the gap gets a fresh view", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia", { reconnect: meanwhile(() => host.put_in_waiting_room(mia.participant)) });
  mia.drop();
  assert.equal((await mia.wait_for("came_back")).how, "fresh_view");
  await mia.placed("waiting");
  assert.equal(mia.view.participants, undefined);
});

test("after the grace it joins again, as who it was, through every rule", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia", { reconnect: meanwhile(() => advance("31s")) });
  await mia.rename("Mia K.");
  const id = mia.participant;
  mia.drop();
  assert.equal((await mia.wait_for("came_back")).how, "joined_again");
  await mia.seen((view) => view.me.name === "Mia K.");
  await host.wait_for("left", { participant: id });
  await mia.chat("Here again");
  assert.equal((await host.wait_for("message")).text, "Here again");
});

test("where no try helps it gives up, and says what the last one met", async (t) => {
  const { host, come } = await classroom(t);
  const policy = meanwhile(() => Promise.all([host.lock(), advance("31s")]), { attempts: 4, cap: 1000 });
  const mia = await come("Mia", { reconnect: policy });
  mia.drop();
  const error = await mia.wait_for("message").catch((error) => error);
  assert.ok(error instanceof ConnectionClosed);
  assert.equal(error.refusal.code, "locked");
  assert.deepEqual(policy.waits, [100, 200, 400, 500], "each wait twice the last, up to the cap");
});

test("a final refusal is not tried again, nor a lost session where that was not wanted", async (t) => {
  const { host, come } = await classroom(t);
  const removed = meanwhile(() => host.remove(mia.participant));
  const mia = await come("Mia", { reconnect: removed });
  mia.drop();
  assert.equal((await mia.wait_for("message").catch((error) => error)).refusal.code, "removed");
  const lost = meanwhile(() => advance("31s"), { rejoin: false });
  const ben = await come("Ben", { reconnect: lost });
  ben.drop();
  assert.equal((await ben.wait_for("message").catch((error) => error)).refusal.code, "resume_lost");
  assert.deepEqual([removed.waits.length, lost.waits.length], [1, 1]);
});

test("closing in a gap ends it", async (t) => {
  const { come } = await classroom(t);
  const mia = await come("Mia", { reconnect: meanwhile(() => mia.close()) });
  mia.drop();
  await mia.closed();
  assert.deepEqual(mia.frames("came_back"), []);
});

test("without a policy the first end is the last", async (t) => {
  const { host, come } = await classroom(t);
  const mia = await come("Mia");
  mia.drop();
  await mia.closed();
  await host.wait_for("reconnecting", { participant: mia.participant });
  await assert.rejects(mia.chat("anybody?"), ConnectionClosed);
});

test("over HTTP a refusal is the same error", async (t) => {
  const { meeting } = await classroom(t);
  const stranger = new Server(url);
  await assert.rejects(stranger.get(`/meetings/${meeting.id}`), { name: "RefusedError", code: "unauthorised", status: 401 });
  assert.equal((await server.patch(`/meetings/${meeting.id}`, { topic: "Class 7" })).topic, "Class 7");
  assert.equal(await server.delete(`/meetings/${meeting.id}`), null);
  await assert.rejects(server.get(`/meetings/${meeting.id}`), { code: "no_such_meeting", status: 404 });
});

test("of a short history only the last frames are kept", async (t) => {
  const { come } = await classroom(t);
  const mia = await come("Mia", { history: 3 });
  for (const text of ["one", "two", "three"]) await mia.chat(text);
  assert.deepEqual(mia.frames().map((frame) => frame.type), ["reply", "message", "reply"]);
});
