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
