/*
 * The client of meetingsim for JavaScript: one module, no dependency, for browsers and for node 20 and later.
 * Times are in milliseconds. Made by `python -m scripts.client_js`; changes by hand are lost.
 */

const REFUSALS = {
  "malformed": {"status": 422, "temporary": false},
  "too_large": {"status": 413, "temporary": false},
  "rate_limited": {"status": 429, "temporary": true},
  "unauthorised": {"status": 401, "temporary": false},
  "not_permitted": {"status": 403, "temporary": false},
  "not_host": {"status": 403, "temporary": false},
  "protected": {"status": 403, "temporary": false},
  "suspended": {"status": 403, "temporary": false},
  "no_such_meeting": {"status": 404, "temporary": false},
  "no_such_participant": {"status": 404, "temporary": false},
  "ended": {"status": 409, "temporary": false},
  "removed": {"status": 403, "temporary": false},
  "denied": {"status": 403, "temporary": false},
  "ticket_used": {"status": 403, "temporary": false},
  "ticket_invalid": {"status": 403, "temporary": false},
  "region_blocked": {"status": 403, "temporary": false},
  "not_started": {"status": 409, "temporary": true},
  "locked": {"status": 409, "temporary": true},
  "full": {"status": 409, "temporary": true},
  "wrong_passcode": {"status": 403, "temporary": false},
  "name_required": {"status": 422, "temporary": false},
  "name_refused": {"status": 422, "temporary": false},
  "not_waiting": {"status": 409, "temporary": false},
  "not_inside": {"status": 409, "temporary": false},
  "already_decided": {"status": 409, "temporary": false},
  "invalid_rule": {"status": 422, "temporary": false},
  "conflict": {"status": 409, "temporary": false},
  "resume_lost": {"status": 409, "temporary": true},
  "unavailable": {"status": 503, "temporary": true},
};
const CLOSES = {
  "1000": "left",
  "4000": "shutting down",
  "4001": "too slow",
  "4002": "resume lost",
  "4003": "replaced by a newer connection of the same person",
  "4004": "refused for now",
  "4500": "removed",
  "4501": "region blocked",
  "4502": "meeting ended",
  "4503": "refused",
  "4504": "protocol abuse",
};
const HOSTS = ["cohost", "host"];
const SWITCHED = ["audio", "video", "share", "annotate", "record", "rename", "profile_picture"];
const CHAT_LEVELS = ["nobody", "hosts", "everyone", "everyone_and_private"];
const FIELD_OF = {"audio": "audio", "video": "video", "share": "share", "record": "recording"};
const MESSAGES_KEPT = 200;
const NO_EVENTS = ["view", "reply", "media", "unreadable", "came_back"];

/** Every event's word. */
export const EVENTS = [
  "joined",
  "joined_waiting_room",
  "arrived_early",
  "origin_known",
  "entry_refused",
  "name_flagged",
  "ticket_flagged",
  "admitted",
  "left",
  "reconnecting",
  "reconnected",
  "connection_replaced",
  "denied",
  "put_in_waiting_room",
  "waiting_room_set",
  "waiting_room_message",
  "renamed",
  "region_rule_set",
  "locked",
  "unlocked",
  "removed",
  "return_allowed",
  "suspended",
  "allowed",
  "disallowed",
  "audio_changed",
  "video_changed",
  "share_started",
  "share_stopped",
  "asked_to_unmute",
  "annotated",
  "reacted",
  "hand_changed",
  "profile_picture_changed",
  "recording_started",
  "recording_stopped",
  "message",
  "message_deleted",
  "breakout_rooms_opened",
  "room_changed",
  "breakout_rooms_closed",
  "role_changed",
  "started",
  "ended",
  "settings_changed",
  "meeting_changed",
];

// What can go wrong. Every error here is a MeetingsimError.

export class MeetingsimError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** The server said no. `code` is the contract's word; `temporary` whether trying again may help. */
export class RefusedError extends MeetingsimError {
  constructor(error, status = 0) {
    const { type, title, status: said, code = "unknown", detail = title ?? "", temporary, ...because } = error;
    super(detail ? `${code}: ${detail}` : code);
    const known = REFUSALS[code];
    this.code = code;
    this.detail = detail;
    this.status = status || said || known?.status || 0;
    this.temporary = temporary ?? known?.temporary ?? false;
    this.because = because;
  }
}

/** The socket is closed, so what was asked for cannot come any more; nobody can say whether a command on its way happened. */
export class ConnectionClosed extends MeetingsimError {
  constructor({ code, reason = "" }, refusal = null) {
    super(`closed: ${code} (${CLOSES[code] ?? (reason || "connection lost")})`);
    this.code = code;
    this.reason = reason;
    this.temporary = is_temporary(code);
    this.refusal = refusal;
  }
}

/** What was waited for did not come in time. */
export class WaitTimeout extends MeetingsimError {}

/** The link names no meeting. */
export class LinkInvalid extends MeetingsimError {}

// A lost connection, and the contract's 40xx but for 4003, where oneself came anew.
function is_temporary(code) {
  return [1001, 1005, 1006, 1011, 1012, 1013].includes(code) || (code >= 4000 && code < 4100 && code !== 4003);
}

// The mirror: one person's picture of the meeting, kept current by folding every event into it.

function person_in(view, participant) {
  return view.participants.find((row) => row.id === participant);
}

function waiting_in(view, participant) {
  return view.waiting.find((row) => row.id === participant);
}

function seat_in(view, participant) {
  const row = person_in(view, participant);
  if (!row) throw new MeetingsimError(`nobody inside is ${participant}`);
  return row;
}

function is_host(view) {
  return HOSTS.includes(view.me.role);
}

function without(list, word) {
  return list.filter((one) => one !== word);
}

function keep_last(messages) {
  messages.splice(0, Math.max(0, messages.length - MESSAGES_KEPT));
}

function picked(frame, names) {
  return Object.fromEntries(names.map((name) => [name, frame[name]]));
}

function may_switch(activity, me, meeting) {
  if (HOSTS.includes(me.role)) return true;
  if (me.bars.includes(activity)) return false;
  if (me.grants.includes(activity)) return true;
  return me.role !== "attendee" && !meeting.suspended.includes(activity) && meeting.allow[activity];
}

function chat_reach(me, meeting) {
  if (HOSTS.includes(me.role)) return CHAT_LEVELS.at(-1);
  const place = (level, otherwise) => CHAT_LEVELS.indexOf(level ?? otherwise);
  const wide = meeting.suspended.includes("chat") ? 0 : place(meeting.allow.chat);
  const capped = Math.min(wide, place(me.chat_bar, CHAT_LEVELS.at(-1)));
  return CHAT_LEVELS[Math.max(capped, place(me.chat_grant, CHAT_LEVELS[0]))];
}

function refold_rights({ me, meeting }) {
  me.allowed = Object.fromEntries(SWITCHED.map((activity) => [activity, may_switch(activity, me, meeting)]));
  me.allowed.chat = chat_reach(me, meeting);
}

function set_wide(view, activity, value) {
  view.meeting.allow[activity] = value;
  if (is_host(view)) view.meeting.settings.allow[activity] = value;
}

function stop(view, stopped) {
  for (const { participant, activities } of stopped) {
    const seat = seat_in(view, participant);
    for (const activity of activities) seat[FIELD_OF[activity]] = false;
  }
}

function move_to(row, room) {
  row.share = false;
  delete row.room;
  if (room !== undefined) row.room = room;
}

function gone(view, { participant }) {
  for (const part of ["participants", "waiting"]) view[part] = view[part].filter((row) => row.id !== participant);
}

function placed(view, participant, inside, waiting) {
  const seat = person_in(view, participant);
  const row = seat ?? waiting_in(view, participant);
  if (row) row.place = seat ? inside : waiting;
}

function put_back(view, { participant, at, why }) {
  const row = seat_in(view, participant);
  view.participants = without(view.participants, row);
  if (!is_host(view)) return;
  const place = row.place === "reconnecting" ? "reconnecting" : "waiting";
  view.waiting.push({ id: row.id, name: row.name, since: at, why, place, country: row.country });
}

function admitted(view, { participant, person }) {
  const row = { ...person };
  if (is_host(view)) row.country = waiting_in(view, participant)?.country ?? null;
  view.waiting = view.waiting.filter((one) => one.id !== participant);
  view.participants.push(row);
}

function allowed(view, { activity, level, participant }) {
  const { me, meeting } = view;
  if (participant === undefined) {
    meeting.suspended = without(meeting.suspended, activity);
    set_wide(view, activity, level ?? true);
  } else if (participant === me.id) {
    me.bars = without(me.bars, activity);
    me.grants = without(me.grants, activity);
    if (level === undefined) {
      refold_rights(view);
      if (!me.allowed[activity]) me.grants = [...me.grants, activity].sort();
    } else {
      chat_level(view, level);
    }
  }
  refold_rights(view);
}

function chat_level(view, level) {
  const { me } = view;
  const capped = level !== CHAT_LEVELS.at(-1);
  me.chat_bar = capped ? level : null;
  me.chat_grant = null;
  if (capped) me.bars = [...me.bars, "chat"].sort();
  refold_rights(view);
  if (CHAT_LEVELS.indexOf(me.allowed.chat) < CHAT_LEVELS.indexOf(level)) me.chat_grant = level;
}

function disallowed(view, { activity, participant, stopped }) {
  const { me } = view;
  const everybody = participant === undefined;
  const mine = participant === me.id;
  stop(view, stopped);
  if (everybody) set_wide(view, activity, activity === "chat" ? CHAT_LEVELS[0] : false);
  if (mine && !me.bars.includes(activity)) me.bars = [...me.bars, activity].sort();
  if (mine || everybody) {
    me.grants = without(me.grants, activity);
    if (activity === "chat") me.chat_grant = null;
    if (activity === "chat" && mine) me.chat_bar = CHAT_LEVELS[0];
    if (activity === "audio") me.asked_to_unmute = false;
  }
  refold_rights(view);
}

function suspended(view, { activities, stopped }) {
  stop(view, stopped);
  for (const row of view.participants) delete row.room;
  Object.assign(view.meeting, { rooms: [], suspended: [...activities].sort(), locked: true });
  Object.assign(view.me, { grants: [], chat_grant: null, asked_to_unmute: false });
  refold_rights(view);
}

function message(view, frame) {
  const row = picked(frame, ["message", "from", "to", "text", "at"]);
  if (frame.to === "everyone" && view.me.room !== undefined) row.room = view.me.room;
  view.messages.push(row);
  keep_last(view.messages);
}

function renamed(view, { participant, name }) {
  const row = person_in(view, participant) ?? waiting_in(view, participant);
  if (row) row.name = name;
  if (view.me.id === participant) view.me.name = name;
}

function waiting_room_set(view, { enabled, who }) {
  Object.assign(view.meeting.waiting_room, { enabled, who });
  if (is_host(view)) Object.assign(view.meeting.settings.waiting_room, { enabled, who });
}

// How each event changes a picture. What is not here is news and changes none.
const FOLDS = {
  joined(view, { person }) {
    view.participants.push(is_host(view) ? { ...person, country: null } : { ...person });
  },
  joined_waiting_room(view, { person }) {
    view.waiting.push({ ...person, country: null });
  },
  origin_known(view, { participant, country }) {
    const row = person_in(view, participant) ?? waiting_in(view, participant);
    if (row) row.country = country;
  },
  admitted,
  left: gone,
  denied: gone,
  removed: gone,
  reconnecting(view, { participant }) {
    placed(view, participant, "reconnecting", "reconnecting");
  },
  reconnected(view, { participant }) {
    placed(view, participant, "inside", "waiting");
  },
  put_in_waiting_room: put_back,
  waiting_room_set,
  waiting_room_message(view, frame) {
    view.waiting_messages.push(picked(frame, ["message", "from", "from_name", "to", "text", "at"]));
    keep_last(view.waiting_messages);
  },
  renamed,
  region_rule_set(view, { rule }) {
    view.meeting.settings.region = rule;
  },
  locked(view) {
    view.meeting.locked = true;
  },
  unlocked(view) {
    view.meeting.locked = false;
  },
  suspended,
  allowed,
  disallowed,
  audio_changed(view, { participant, on }) {
    seat_in(view, participant).audio = on;
    if (on && participant === view.me.id) view.me.asked_to_unmute = false;
  },
  video_changed(view, { participant, on }) {
    seat_in(view, participant).video = on;
  },
  share_started(view, { participant }) {
    seat_in(view, participant).share = true;
  },
  share_stopped(view, { participant }) {
    seat_in(view, participant).share = false;
  },
  asked_to_unmute(view, { participant }) {
    if (participant === view.me.id) view.me.asked_to_unmute = true;
  },
  hand_changed(view, { participant, up }) {
    seat_in(view, participant).hand = up;
  },
  profile_picture_changed(view, { participant, on }) {
    seat_in(view, participant).profile_picture = on;
  },
  recording_started(view, { participant }) {
    seat_in(view, participant).recording = true;
  },
  recording_stopped(view, { participant }) {
    seat_in(view, participant).recording = false;
  },
  message,
  message_deleted(view, { message: gone_one }) {
    for (const row of view.messages) if (row.message === gone_one) Object.assign(row, { text: "", deleted: true });
  },
  breakout_rooms_opened(view, { rooms }) {
    view.meeting.rooms = [...view.meeting.rooms, ...rooms];
  },
  room_changed(view, { participant, room }) {
    move_to(seat_in(view, participant), room);
  },
  breakout_rooms_closed(view) {
    view.meeting.rooms = [];
    for (const row of view.participants) if (row.room !== undefined) move_to(row);
  },
  role_changed(view, { participant, role, stopped }) {
    stop(view, stopped);
    seat_in(view, participant).role = role;
  },
  started(view) {
    view.meeting.status = "started";
  },
  ended(view) {
    view.meeting.status = "ended";
  },
  settings_changed(view, { settings }) {
    view.meeting.settings = settings;
  },
  meeting_changed(view, { topic, waiting_room }) {
    Object.assign(view.meeting, { topic, waiting_room: { ...waiting_room } });
  },
};

/**
 * Folds `view` frames and events into `view`. What does not fit is noted in `faults` and never thrown.
 * The mirror keeps parts of the frames it is given: hand in a copy.
 */
export class Mirror {
  view = null;
  seq = 0;
  epoch = null;
  session = null;
  faults = [];

  fold(frame) {
    if (frame.type === "view") this.#replace(frame);
    else if (!NO_EVENTS.includes(frame.type) && Number.isInteger(frame.seq)) this.#fold_event(frame);
  }

  #replace({ view, seq = this.seq, epoch = this.epoch, session = this.session }) {
    if (epoch === this.epoch && seq < this.seq) this.faults.push(`a view of seq ${seq} came after seq ${this.seq}`);
    Object.assign(this, { view, seq, epoch, session });
  }

  #fold_event(frame) {
    const { type, seq } = frame;
    if (seq <= this.seq) this.faults.push(`${type} of seq ${seq} came after seq ${this.seq}`);
    this.seq = Math.max(seq, this.seq);
    if (!Object.hasOwn(FOLDS, type)) return;
    if (!this.view) {
      this.faults.push(`${type} of seq ${seq} came before any view`);
      return;
    }
    try {
      FOLDS[type](this.view, frame);
    } catch (error) {
      this.faults.push(`${type} of seq ${seq} does not fit the picture: ${error.message}`);
    }
  }
}

// Links, and the server over HTTP.

export const DEFAULT_URL = "http://127.0.0.1:8765";

/** Reads a join link, a socket's address or a bare meeting id: `{url, meeting, passcode, ticket, socket_url}`. */
export function invitation(link, { url = DEFAULT_URL } = {}) {
  const text = String(link).trim();
  if (!text.includes("://")) {
    const meeting = text.replace(/[\s-]/g, "");
    if (!/^\w+$/.test(meeting)) throw new LinkInvalid("this is neither a meeting's id nor a link to one");
    return invited(url.replace(/\/+$/, ""), meeting, null, null);
  }
  if (!URL.canParse(text) || !/^(https?|wss?):\/\//.test(text)) throw new LinkInvalid("this is no link to a meeting");
  const parts = new URL(text);
  const is_socket = parts.protocol.startsWith("ws");
  const path = is_socket ? parts.pathname.replace(/\/+$/, "").replace(/\/socket$/, "") : parts.pathname.replace(/\/+$/, "");
  const [, base, meeting] = path.match(/^(.*?)\/?([^/]*)$/);
  if (["", "j", "meetings"].includes(meeting)) throw new LinkInvalid("the link's path should end with the meeting's id");
  const home = base.replace(/\/(j|api\/v1\/meetings)$/, "");
  const said = [parts.hash.slice(1), parts.search].map((one) => new URLSearchParams(one));
  const last = (name) => said.map((one) => one.getAll(name).filter(Boolean).at(-1)).find(Boolean) ?? null;
  const scheme = parts.protocol.replace("ws", "http");
  return invited(`${scheme}//${parts.host}${home}`, decodeURIComponent(meeting), last("passcode"), last("ticket"));
}

function invited(url, meeting, passcode, ticket) {
  const socket_url = `${url.replace(/^http/, "ws")}/api/v1/meetings/${encodeURIComponent(meeting)}/socket`;
  return { url, meeting, passcode, ticket, socket_url };
}

/** The server over HTTP: JSON in, JSON out, a refusal as a RefusedError. `path` is below /api/v1. */
export class Server {
  constructor(url = DEFAULT_URL, { token = null } = {}) {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
  }

  get(path, how) {
    return this.request("GET", path, undefined, how);
  }

  post(path, body = {}, how) {
    return this.request("POST", path, body, how);
  }

  patch(path, body, how) {
    return this.request("PATCH", path, body, how);
  }

  delete(path, how) {
    return this.request("DELETE", path, undefined, how);
  }

  /** Makes a meeting; the answer has `id`, `passcode`, `join_url`, `socket_url` and `host_token`. */
  create_meeting(topic, more = {}) {
    return this.post("/meetings", { topic, ...more });
  }

  /** Applies a control to a meeting as `create_meeting` gave it, with its host token: `{seq, events}`. */
  control({ id, host_token }, word, fields = {}) {
    return this.post(`/meetings/${id}/controls/${word}`, fields, { token: host_token ?? this.token });
  }

  async request(method, path, body, { token = this.token } = {}) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    const said = /json/.test(answer.headers.get("content-type") ?? "") ? JSON.parse(text) : null;
    if (answer.ok) return said;
    throw new RefusedError(said ?? { detail: answer.statusText }, answer.status);
  }
}

/**
 * Every command of the socket, as a method. What must be said comes first, the rest in an object.
 * A refusal throws a RefusedError.
 */
export class Commands {
  /**
   * Ask to come in, with a passcode, a ticket, a user token or the host token.
   *
   * ``country`` or ``address`` say where the simulated person comes from; the server honours them for testers alone.
   *
   * Who may: anyone.
   */
  join(name, more = {}) {
    return this.ask("join", { name, ...more });
  }

  /**
   * Go for good: the seat is free, the session over.
   *
   * Who may: anyone.
   */
  leave() {
    return this.ask("leave");
  }

  /**
   * Go on with the same presence after the connection was lost; ``after`` is the last seq that was received.
   *
   * Who may: anyone.
   */
  resume(session, epoch, after, more = {}) {
    return this.ask("resume", { session, epoch, after, ...more });
  }

  /**
   * Let one waiting person in; ``if_seq`` refuses with ``conflict`` if the entry changed after that seq.
   *
   * Who may: host, cohost.
   */
  admit(participant, more = {}) {
    return this.ask("admit", { participant, ...more });
  }

  /**
   * Let everybody in who waits, in order; with ``up_to`` only those who had knocked by that seq.
   *
   * Who may: host, cohost.
   */
  admit_all(more = {}) {
    return this.ask("admit_all", { ...more });
  }

  /**
   * Turn one waiting person away.
   *
   * Who may: host, cohost.
   */
  deny(participant) {
    return this.ask("deny", { participant });
  }

  /**
   * Put somebody inside back to waiting, whether the waiting room is on or off.
   *
   * Who may: host, cohost.
   */
  put_in_waiting_room(participant) {
    return this.ask("put_in_waiting_room", { participant });
  }

  /**
   * Turn the waiting room on or off, and say who waits. Turning it on throws nobody out.
   *
   * Who may: host, cohost.
   */
  set_waiting_room(enabled, more = {}) {
    return this.ask("set_waiting_room", { enabled, ...more });
  }

  /**
   * Write across the door. Hosts leave ``to`` out to reach everybody who waits at that moment.
   *
   * Who may: host, cohost; waiting people to the hosts.
   */
  waiting_room_chat(text, more = {}) {
    return this.ask("waiting_room_chat", { text, ...more });
  }

  /**
   * Change a name; without ``participant`` one's own.
   *
   * Who may: oneself while allowed; host, cohost.
   */
  rename(name, more = {}) {
    return this.ask("rename", { name, ...more });
  }

  /**
   * Say who may enter by country. ``countries`` are ISO 3166-1 alpha-2 codes or the groups EU and EEA.
   *
   * ``present`` says what becomes of those inside and waiting whom the new rule does not let in.
   *
   * Who may: host.
   */
  set_region_rule(mode, more = {}) {
    return this.ask("set_region_rule", { mode, ...more });
  }

  /**
   * Let nobody else enter.
   *
   * Who may: host, cohost.
   */
  lock() {
    return this.ask("lock");
  }

  /**
   * Let people enter again, by the other rules.
   *
   * Who may: host, cohost.
   */
  unlock() {
    return this.ask("unlock");
  }

  /**
   * Remove somebody; ``may_return`` overrides the meeting's setting, ``report`` is filed in the same step.
   *
   * Who may: host, cohost.
   */
  remove(participant, more = {}) {
    return this.ask("remove", { participant, ...more });
  }

  /**
   * Let a removed person come back. Their session stays void, and a void ticket is not given back.
   *
   * Who may: host, cohost.
   */
  let_return(participant) {
    return this.ask("let_return", { participant });
  }

  /**
   * Report people who are or were here, about one of the issues.
   *
   * Who may: anyone inside, about anyone.
   */
  report(participants, issue, more = {}) {
    return this.ask("report", { participants, issue, ...more });
  }

  /**
   * Stop everything that participants do, and let them start nothing until it is allowed again, one by one.
   *
   * Who may: host, cohost.
   */
  suspend(more = {}) {
    return this.ask("suspend", { ...more });
  }

  /**
   * Allow or bar an activity, for one participant or for all. For chat ``allowed`` may be a level.
   *
   * ``stop`` also stops running audio or video when it is barred; share and record stop anyway.
   *
   * Who may: host, cohost.
   */
  allow(activity, allowed, more = {}) {
    return this.ask("allow", { activity, allowed, ...more });
  }

  /**
   * Unmute or mute oneself.
   *
   * Who may: oneself, while allowed.
   */
  set_audio(on) {
    return this.ask("set_audio", { on });
  }

  /**
   * Turn one's own video on or off.
   *
   * Who may: oneself, while allowed.
   */
  set_video(on) {
    return this.ask("set_video", { on });
  }

  /**
   * Mute somebody.
   *
   * Who may: host, cohost.
   */
  mute(participant) {
    return this.ask("mute", { participant });
  }

  /**
   * Mute everybody of a lower rank; nobody is kept from unmuting.
   *
   * Who may: host, cohost.
   */
  mute_all() {
    return this.ask("mute_all");
  }

  /**
   * Turn somebody's video off.
   *
   * Who may: host, cohost.
   */
  stop_video(participant) {
    return this.ask("stop_video", { participant });
  }

  /**
   * Ask somebody to unmute: they may do so once, even while audio is barred or suspended.
   *
   * Who may: host, cohost.
   */
  ask_to_unmute(participant) {
    return this.ask("ask_to_unmute", { participant });
  }

  /**
   * Share one's screen.
   *
   * Who may: oneself, while allowed.
   */
  start_share() {
    return this.ask("start_share");
  }

  /**
   * Stop one's own share, or as a host somebody else's.
   *
   * Who may: oneself; host, cohost.
   */
  stop_share(more = {}) {
    return this.ask("stop_share", { ...more });
  }

  /**
   * Draw on what is shown.
   *
   * Who may: oneself, while allowed.
   */
  annotate() {
    return this.ask("annotate");
  }

  /**
   * Show a reaction, such as ``applause``.
   *
   * Who may: anyone inside.
   */
  react(kind) {
    return this.ask("react", { kind });
  }

  /**
   * Raise or lower one's hand.
   *
   * Who may: anyone inside.
   */
  raise_hand(up) {
    return this.ask("raise_hand", { up });
  }

  /**
   * Show or hide one's profile picture.
   *
   * Who may: oneself, while allowed.
   */
  set_profile_picture(on) {
    return this.ask("set_profile_picture", { on });
  }

  /**
   * Record the meeting.
   *
   * Who may: oneself, while allowed.
   */
  start_recording() {
    return this.ask("start_recording");
  }

  /**
   * Stop one's own recording.
   *
   * Who may: oneself.
   */
  stop_recording() {
    return this.ask("stop_recording");
  }

  /**
   * Write to ``everyone`` (of one's room), to ``hosts``, or to a participant's id.
   *
   * Who may: anyone inside, as far as their level reaches.
   */
  chat(text, more = {}) {
    return this.ask("chat", { text, ...more });
  }

  /**
   * Delete a line of chat: one's own, or as a host any that one was told.
   *
   * Who may: its author; host, cohost.
   */
  delete_message(message) {
    return this.ask("delete_message", { message });
  }

  /**
   * One synthetic packet of an activity that is on; ``n`` is the sender's own count. Answered only when refused.
   *
   * Who may: whoever's activity of that kind is on.
   */
  media(kind, n) {
    return this.tell("media", { kind, n });
  }

  /**
   * Open rooms. A room is its name everywhere; a name that is taken is a ``conflict``.
   *
   * Who may: host, cohost.
   */
  open_breakout_rooms(rooms) {
    return this.ask("open_breakout_rooms", { rooms });
  }

  /**
   * Go into a room oneself, or as a host move somebody there.
   *
   * Who may: oneself; host, cohost.
   */
  join_breakout_room(room, more = {}) {
    return this.ask("join_breakout_room", { room, ...more });
  }

  /**
   * Go back to the main room, or as a host bring somebody back.
   *
   * Who may: oneself; host, cohost.
   */
  leave_breakout_room(more = {}) {
    return this.ask("leave_breakout_room", { ...more });
  }

  /**
   * Close every room; everybody is back in the main room.
   *
   * Who may: host, cohost.
   */
  close_breakout_rooms() {
    return this.ask("close_breakout_rooms");
  }

  /**
   * Give somebody inside the rights of a cohost.
   *
   * Who may: host.
   */
  make_cohost(participant) {
    return this.ask("make_cohost", { participant });
  }

  /**
   * Give a cohost back exactly the role they had before.
   *
   * Who may: host.
   */
  revoke_cohost(participant) {
    return this.ask("revoke_cohost", { participant });
  }

  /**
   * Make somebody inside the host. There is one host: the present one becomes cohost.
   *
   * Who may: host.
   */
  make_host(participant) {
    return this.ask("make_host", { participant });
  }

  /**
   * Open the meeting without a joined host, so that it can be hosted by HTTP alone.
   *
   * Who may: host.
   */
  start() {
    return this.ask("start");
  }

  /**
   * End the meeting for everyone.
   *
   * Who may: host.
   */
  end() {
    return this.ask("end");
  }
}

// One person's socket: commands out, replies matched by `ref`, every frame into the mirror, to listeners and to waits.

/**
 * How a connection comes back by itself. Before try n it waits any time between nothing and `base` times 2 ** (n - 1),
 * at most `cap`, so that clients lost in one moment do not come back in one.
 */
const RECONNECT = {
  attempts: 8,
  base: 250,
  cap: 10_000,
  rejoin: true,
  random: Math.random,
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};
const KNOCKS = ["join", "resume"];

export class Connection extends Commands {
  #WebSocket;
  #socket = null;
  #socket_over = null;
  #listeners = new Map();
  #asked = new Map();
  #kept = [];
  #waits = new Set();
  #history;
  #policy;
  #refs = 0;
  #joined = null;
  #note = null;
  #gap = null;
  #stays_away = false;
  #went_away;
  #away = new Promise((done) => (this.#went_away = done));
  #end = null;
  #over;
  #tell_over;

  constructor(socket_url, { WebSocket, timeout = 10_000, history = 10_000, reconnect = false } = {}) {
    super();
    this.#WebSocket = WebSocket ?? globalThis.WebSocket;
    if (!this.#WebSocket) throw new MeetingsimError("there is no WebSocket here: node before 22 needs --experimental-websocket, or hand a class in");
    this.socket_url = socket_url;
    this.timeout = timeout;
    this.mirror = new Mirror();
    this.#history = history;
    this.#policy = reconnect ? { ...RECONNECT, ...(reconnect === true ? {} : reconnect) } : null;
    this.#over = new Promise((done) => (this.#tell_over = done));
  }

  // The picture.

  /** All that this person may know now; live, so copy it to keep it. Null before there is one. */
  get view() {
    return this.mirror.view;
  }

  /** This person's id; null before there is a view. */
  get participant() {
    return this.view?.me.id ?? null;
  }

  /** early, waiting or inside; null before there is a view. */
  get place() {
    return this.view?.me.place ?? null;
  }

  /** What lets this person resume, and report afterwards; a secret. */
  get session() {
    return this.mirror.session;
  }

  // The socket.

  /** Opens the socket; sends nothing. */
  async open() {
    await this.#dial();
    return this;
  }

  /** Ends the socket without `leave`, and for good: for the server that is a drop, the seat is kept for the grace. */
  async close() {
    this.#stay_away();
    this.#socket?.close();
    return this.closed();
  }

  /** Ends the socket as if it were lost; with `reconnect` the connection comes back. */
  drop() {
    this.#socket?.close();
  }

  /** Waits until the socket is closed, by whomever, and says how: `{code, reason, temporary}`. */
  closed(timeout = this.timeout) {
    return this.#within(this.#over, timeout, "still open");
  }

  /** Goes for good. */
  async leave() {
    this.#stay_away();
    const reply = await super.leave();
    await this.closed();
    return reply;
  }

  // Sending.

  /** Sends a command by its word and waits for the reply; a refusal throws, with `check: false` it is returned. */
  async ask(command, fields = {}, { timeout = this.timeout, check = true } = {}) {
    if (!KNOCKS.includes(command)) await this.#working(timeout);
    const ref = String(++this.#refs);
    let settle;
    const answer = new Promise((resolve, reject) => (settle = { command, fields, resolve, reject }));
    answer.catch(() => {});
    this.#asked.set(ref, settle);
    try {
      this.#write({ type: command, ref, ...fields });
      const reply = await this.#within(answer, timeout, `no reply to ${command}`);
      if (check && !reply.ok) throw new RefusedError(reply.error);
      return reply;
    } finally {
      this.#asked.delete(ref);
    }
  }

  /** Sends a command and gives its `ref` at once; the reply becomes a frame like others. */
  tell(command, fields = {}) {
    const ref = String(++this.#refs);
    this.#write({ type: command, ref, ...fields });
    return ref;
  }

  /** Sends text as it is, however malformed. */
  send_raw(text) {
    this.#require_open();
    this.#socket.send(text);
  }

  /** Returns once everything is here that the server sent this person before now. Costs one command. */
  async caught_up() {
    const mine = this.view?.participants?.find((row) => row.id === this.participant);
    await this.ask("raise_hand", { up: mine?.hand ?? false }, { check: false });
  }

  // Receiving.

  /**
   * Calls `listener` with every frame of a type as it comes, after it was folded; gives a function that ends it.
   * Besides the contract's words: `*` for every frame, `changed` with the view after every frame that may have changed it,
   * `lost`, `came_back` and `closed` for the connection itself.
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * Takes the first frame of this type that was not taken yet, whether it came already or is still to come. `where` is a
   * function, or an object of fields and their values; a type of null is any.
   */
  wait_for(type = null, where = null, timeout = this.timeout) {
    const kept = this.#kept.find((one) => !one.taken && matches(one.frame, type, where));
    if (kept) {
      kept.taken = true;
      return Promise.resolve(kept.frame);
    }
    return this.#wait(
      (one) => one && !one.taken && matches(one.frame, type, where) && (one.taken = true) && one.frame,
      timeout,
      `no ${type ?? "frame"}`,
    );
  }

  /** What came so far, taken or not. */
  frames(type = null, where = null) {
    return this.#kept.map((one) => one.frame).filter((frame) => matches(frame, type, where));
  }

  /** Waits until the picture fulfils a condition, now or after any later frame, and gives the picture. */
  seen(condition, timeout = this.timeout) {
    const fulfilled = () => this.view && condition(this.view) && this.view;
    return fulfilled() ? Promise.resolve(this.view) : this.#wait(fulfilled, timeout, "the picture is not as expected");
  }

  /** Waits until this person is early, waiting or inside. */
  placed(place, timeout = this.timeout) {
    return this.seen((view) => view.me.place === place, timeout);
  }

  // What the above is made of.

  #wait(look, timeout, complaint) {
    if (this.#end) return Promise.reject(this.#end);
    let wait;
    const found = new Promise((resolve, reject) => (wait = { look, resolve, reject }));
    this.#waits.add(wait);
    return this.#within(found, timeout, complaint).finally(() => this.#waits.delete(wait));
  }

  #within(promise, timeout, complaint) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        const last = this.#kept.slice(-20).map((one) => one.frame.type);
        reject(new WaitTimeout(`${complaint} within ${timeout} ms; the last frames: ${last.join(", ") || "none"}`));
      }, timeout);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  // A socket that is closing has not said so yet; what is sent meanwhile belongs behind the gap.
  async #working(timeout) {
    if (this.#socket?.readyState > 1) await this.#within(this.#socket_over, timeout, "the connection is closing");
    if (this.#gap) await this.#within(this.#gap, timeout, "the connection is not back");
  }

  #require_open() {
    if (this.#end) throw this.#end;
    if (this.#socket?.readyState !== 1) throw new ConnectionClosed({ code: 1006 });
  }

  #write(frame) {
    this.send_raw(JSON.stringify(frame));
  }

  #dial() {
    const socket = new this.#WebSocket(this.socket_url, "meetingsim.v1");
    let over;
    const socket_over = new Promise((done) => (over = done));
    return new Promise((resolve, reject) => {
      socket.addEventListener("open", () => {
        this.#socket = socket;
        this.#socket_over = socket_over;
        resolve();
      });
      socket.addEventListener("error", () => reject(new ConnectionClosed({ code: 1006, reason: "not opened" })));
      socket.addEventListener("message", ({ data }) => this.#take(data));
      socket.addEventListener("close", ({ code, reason }) => {
        reject(new ConnectionClosed({ code, reason }));
        if (this.#socket === socket) this.#lost({ code, reason, temporary: is_temporary(code) || this.#dropped(code) });
        over();
      });
    });
  }

  // A socket that this side closed ends with 1000 or 1005, and nobody left by it.
  #dropped(code) {
    return [1000, 1005].includes(code) && !this.#stays_away;
  }

  #take(text) {
    const frame = parsed(text);
    const asked = frame.type === "reply" ? this.#asked.get(frame.ref) : undefined;
    if (this.#note && !(frame.type === "reply" && !frame.ok)) this.#note_gap(frame);
    this.mirror.fold(parsed(text)); // it keeps parts of what it is given
    this.#keep(frame, asked !== undefined);
    if (asked) this.#answered(asked, frame);
    this.#hand_out(frame);
    if (!["reply", "media", "unreadable"].includes(frame.type)) this.#emit("changed", this.view);
  }

  #keep(frame, taken) {
    const kept = { frame, taken };
    this.#kept.push(kept);
    if (this.#kept.length > this.#history) this.#kept.shift();
    for (const wait of [...this.#waits]) {
      try {
        const found = wait.look(kept);
        if (!found) continue;
        wait.resolve(found);
      } catch (error) {
        wait.reject(error);
      }
      this.#waits.delete(wait);
    }
  }

  #answered({ command, fields, resolve }, reply) {
    if (reply.ok && KNOCKS.includes(command)) {
      if (!this.#gap) for (const one of this.#kept) one.taken ||= one.frame.type === "view";
      // The device that the server made up is what it knows this client by.
      if (command === "join") this.#joined = { ...fields, ...(reply.device ? { device: reply.device } : {}) };
    }
    resolve(reply);
  }

  #hand_out(frame) {
    this.#emit(frame.type, frame);
    this.#emit("*", frame);
  }

  #emit(type, value) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        report(error);
      }
    }
  }

  // Coming back.

  #stay_away() {
    this.#stays_away = true;
    this.#went_away();
  }

  #lost(closed) {
    this.#socket = null;
    for (const { reject } of this.#asked.values()) reject(new ConnectionClosed(closed));
    if (this.#gap) return; // the try that failed is told by its own command
    this.#emit("lost", closed);
    const comes_back = this.#policy && !this.#stays_away && closed.temporary && this.session !== null;
    if (!comes_back) {
      this.#finish(closed);
      return;
    }
    let back;
    this.#gap = new Promise((done) => (back = done));
    const given_up = (error) => {
      report(error);
      return { closed };
    };
    this.#come_back(closed).catch(given_up).then((end) => {
      this.#gap = this.#note = null;
      if (end) this.#finish(end.closed, end.refusal);
      back();
    });
  }

  async #come_back(closed) {
    const after = this.mirror.seq;
    let [anew, refusal] = [false, null];
    for (let tries = 1; tries <= this.#policy.attempts; tries++) {
      const longest = Math.min(this.#policy.cap, this.#policy.base * 2 ** (tries - 1));
      await Promise.race([this.#policy.sleep(this.#policy.random() * longest), this.#away]);
      if (this.#stays_away) break;
      let fault = await this.#try_again(anew, { code: closed.code, tries, after });
      if (fault?.code === "resume_lost" && !anew) {
        refusal = fault;
        if (!this.#policy.rejoin || !this.#joined) break;
        anew = true;
        fault = await this.#try_again(anew, { code: closed.code, tries, after });
      }
      if (!fault) return null;
      refusal = fault instanceof RefusedError ? fault : null;
      if (!refusal && fault.code) closed = { code: fault.code, reason: fault.reason, temporary: fault.temporary };
      if (fault.temporary === false) break;
    }
    return { closed, refusal };
  }

  async #try_again(anew, gap) {
    try {
      await this.#dial();
      this.#note = { type: "came_back", how: anew ? "joined_again" : "resumed", ...gap };
      const { session, epoch, seq: after } = this.mirror;
      if (anew) await this.ask("join", { ...this.#joined, name: this.view.me.name });
      else await this.ask("resume", { session, epoch, after });
      return null;
    } catch (fault) {
      this.#note = null;
      this.#socket?.close();
      this.#socket = null;
      return fault;
    }
  }

  #note_gap(first) {
    const note = this.#note;
    this.#note = null;
    if (first.type === "view" && note.how === "resumed") note.how = "fresh_view";
    this.#keep(note, false);
    this.#hand_out(note);
  }

  #finish(closed, refusal = null) {
    this.#end = new ConnectionClosed(closed, refusal);
    for (const { reject } of this.#waits) reject(this.#end);
    this.#waits.clear();
    this.#tell_over(closed);
    this.#emit("closed", closed);
  }
}

// What everybody begins with: a link, and who comes by it.

// What a caller's own function threw is the caller's: it is reported as any uncaught error is, and breaks nothing here.
function report(error) {
  queueMicrotask(() => {
    throw error;
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { type: "unreadable", text: String(text).slice(0, 1000) };
  }
}

function matches(frame, type, where) {
  if (type !== null && frame.type !== type) return false;
  if (typeof where === "function") return Boolean(where(frame));
  return Object.entries(where ?? {}).every(([name, value]) => frame[name] === value);
}

/**
 * Opens a socket to the meeting of a join link, a socket's address or an id, and joins where a `name` is given. Passcode
 * or ticket are the link's own unless others are given. A refusal at the door throws, and the socket is closed.
 */
export async function connect(link, { url, WebSocket, timeout, history, reconnect, name, ...shown } = {}) {
  const { socket_url, passcode, ticket } = invitation(link, { url });
  const connection = new Connection(socket_url, { WebSocket, timeout, history, reconnect });
  await connection.open();
  if (name === undefined) return connection;
  const own = ["passcode", "ticket", "user_token", "host_token"].some((one) => shown[one] !== undefined);
  const carried = own ? {} : ticket ? { ticket } : passcode ? { passcode } : {};
  try {
    await connection.join(name, { ...carried, ...shown });
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
  return connection;
}
