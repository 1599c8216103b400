/*
 * The client of meetingsim for JavaScript: one module, no dependency, for browsers and for node 20 and later.
 * Times are in milliseconds. Made by `python -m scripts.client_js`; changes by hand are lost.
 */

export type RefusalCode =
  | "malformed"
  | "too_large"
  | "rate_limited"
  | "unauthorised"
  | "not_permitted"
  | "not_host"
  | "protected"
  | "suspended"
  | "no_such_meeting"
  | "no_such_participant"
  | "ended"
  | "removed"
  | "denied"
  | "ticket_used"
  | "ticket_invalid"
  | "region_blocked"
  | "not_started"
  | "locked"
  | "full"
  | "wrong_passcode"
  | "name_required"
  | "name_refused"
  | "not_waiting"
  | "not_inside"
  | "already_decided"
  | "invalid_rule"
  | "conflict"
  | "resume_lost"
  | "unavailable";

export type Place = "early" | "waiting" | "inside" | "reconnecting" | "removed" | "left";
export type Json = Record<string, any>;

export class MeetingsimError extends Error {}
export class LinkInvalid extends MeetingsimError {}
export class WaitTimeout extends MeetingsimError {}

/** The server said no; trying again may help where it is `temporary`. */
export class RefusedError extends MeetingsimError {
  readonly code: RefusalCode | (string & {});
  readonly detail: string;
  readonly status: number;
  readonly temporary: boolean;
  readonly because: Json;
}

export class ConnectionClosed extends MeetingsimError {
  readonly code: number;
  readonly reason: string;
  readonly temporary: boolean;
  readonly refusal: RefusedError | null;
}

export interface Invitation {
  url: string;
  meeting: string;
  passcode: string | null;
  ticket: string | null;
  socket_url: string;
}
export function invitation(link: string, options?: { url?: string }): Invitation;

export interface MeetingMade {
  id: string;
  topic: string;
  kind: "meeting" | "webinar";
  status: "scheduled" | "started" | "ended";
  passcode: string | null;
  join_url: string;
  socket_url: string;
  host_token: string;
  settings: Json;
}

export const DEFAULT_URL: string;
export class Server {
  constructor(url?: string, options?: { token?: string | null });
  readonly url: string;
  token: string | null;
  get(path: string, how?: { token?: string | null }): Promise<any>;
  post(path: string, body?: Json, how?: { token?: string | null }): Promise<any>;
  patch(path: string, body: Json, how?: { token?: string | null }): Promise<any>;
  delete(path: string, how?: { token?: string | null }): Promise<any>;
  request(method: string, path: string, body?: Json, how?: { token?: string | null }): Promise<any>;
  create_meeting(topic: string, more?: { kind?: "meeting" | "webinar"; settings?: Json } & Json): Promise<MeetingMade>;
  control(meeting: { id: string; host_token?: string }, word: string, fields?: Json): Promise<{ seq: number | null; events: Json[] }>;
}

export interface Me {
  id: string;
  name: string;
  role: string;
  place: Place;
  room?: string;
  position?: number;
  allowed: Record<string, boolean | string>;
  bars: string[];
  grants: string[];
  asked_to_unmute: boolean;
}
export interface Participant {
  id: string;
  name: string;
  role: string;
  place: Place;
  room?: string;
  audio: boolean;
  video: boolean;
  share: boolean;
  recording: boolean;
  hand: boolean;
  profile_picture: boolean;
  country?: string | null;
}
export interface Waiting {
  id: string;
  name: string;
  since: string;
  why: string | null;
  place: Place;
  country: string | null;
}
export interface Line {
  message: string;
  from: string;
  to: string;
  text: string;
  at: string;
  room?: string;
  deleted?: boolean;
}
export interface WaitingLine {
  message: string;
  from: string;
  from_name: string;
  to: string;
  text: string;
  at: string;
}
/** All that one person may know now. Whoever is not inside has `me`, a part of `meeting`, and `waiting_messages`. */
export interface View {
  me: Me;
  meeting: { id: string; status: "scheduled" | "started" | "ended"; waiting_room: Json; [name: string]: any };
  participants: Participant[];
  waiting: Waiting[];
  messages: Line[];
  waiting_messages: WaitingLine[];
}

export interface Reply {
  type: "reply";
  ref: string | null;
  ok: boolean;
  seq?: number;
  error?: Json;
  [name: string]: any;
}
export interface ViewFrame {
  type: "view";
  seq: number;
  epoch: string;
  session: string;
  view: View;
}
export interface MediaFrame {
  type: "media";
  from: string;
  kind: "audio" | "video" | "share";
  n: number;
}
/** The connection's own notes: it was away, and is back. Gaps in what was told are possible but for `resumed`. */
export interface CameBack {
  type: "came_back";
  how: "resumed" | "fresh_view" | "joined_again";
  code: number;
  tries: number;
  after: number;
}
export interface Closed {
  code: number;
  reason: string;
  temporary: boolean;
}

export class Mirror {
  view: View | null;
  seq: number;
  epoch: string | null;
  session: string | null;
  faults: string[];
  fold(frame: Json): void;
}

/** Times are in milliseconds. */
export interface Reconnect {
  attempts?: number;
  base?: number;
  cap?: number;
  rejoin?: boolean;
  random?: () => number;
  sleep?: (ms: number) => Promise<void>;
}
export interface ConnectionOptions {
  WebSocket?: any;
  timeout?: number;
  history?: number;
  reconnect?: boolean | Reconnect;
}
export interface Shown {
  name?: string;
  passcode?: string;
  ticket?: string;
  user_token?: string;
  host_token?: string;
  device?: string;
  country?: string;
  address?: string;
}
export function connect(link: string, options?: ConnectionOptions & Shown & { url?: string }): Promise<Connection>;

type Where<F> = ((frame: F) => unknown) | Partial<F> | null;

export type Activity = "audio" | "video" | "chat" | "share" | "annotate" | "record" | "rename" | "profile_picture"

export type ChatLevel = "nobody" | "hosts" | "everyone" | "everyone_and_private"

export interface RegionRule {
  mode?: "off" | "approve" | "deny";
  countries?: Array<string>;
  unknown?: "allow" | "deny" | "wait";
  anonymous?: "allow" | "deny" | "wait";
}

export interface ReportWith {
  issue: string;
  text?: string | null;
}

export type Role = "host" | "cohost" | "panelist" | "participant" | "attendee"

export interface RoomPlan {
  name: string;
  participants?: Array<string>;
}

export interface SuspendReport {
  issue: string;
  participants?: Array<string>;
  text?: string | null;
}

export type Why = "waiting_room" | "put_back" | "region" | "unidentified"

/** Somebody came in without waiting. */
export interface JoinedFrame {
  type: "joined";
  seq: number;
  at: string;
  participant: string;
  person: Json;
}

/** Somebody waits. */
export interface JoinedWaitingRoomFrame {
  type: "joined_waiting_room";
  seq: number;
  at: string;
  participant: string;
  person: Json;
}

/** Somebody came before the start. */
export interface ArrivedEarlyFrame {
  type: "arrived_early";
  seq: number;
  at: string;
  participant: string;
  name: string;
}

/** Which country somebody comes from. */
export interface OriginKnownFrame {
  type: "origin_known";
  seq: number;
  at: string;
  participant: string;
  country?: string | null;
}

/** Somebody was not let in. */
export interface EntryRefusedFrame {
  type: "entry_refused";
  seq: number;
  at: string;
  code: string;
  name?: string | null;
  country?: string | null;
  count?: number | null;
}

/** A name looks like somebody else's. */
export interface NameFlaggedFrame {
  type: "name_flagged";
  seq: number;
  at: string;
  participant: string;
  like: string;
}

/** A ticket came from another device. */
export interface TicketFlaggedFrame {
  type: "ticket_flagged";
  seq: number;
  at: string;
  participant: string;
  country?: string | null;
}

/** A host let somebody in who waited. */
export interface AdmittedFrame {
  type: "admitted";
  seq: number;
  at: string;
  participant: string;
  person: Json;
  by: string;
}

/** Somebody is gone. */
export interface LeftFrame {
  type: "left";
  seq: number;
  at: string;
  participant: string;
}

/** A dropped connection's seat is kept. */
export interface ReconnectingFrame {
  type: "reconnecting";
  seq: number;
  at: string;
  participant: string;
}

/** Somebody is back on their seat. */
export interface ReconnectedFrame {
  type: "reconnected";
  seq: number;
  at: string;
  participant: string;
}

/** A newer connection of the same person took over. */
export interface ConnectionReplacedFrame {
  type: "connection_replaced";
  seq: number;
  at: string;
  participant: string;
}

/** A host turned a waiting person away. */
export interface DeniedFrame {
  type: "denied";
  seq: number;
  at: string;
  participant: string;
  by: string;
}

/** Somebody was put back to waiting. */
export interface PutInWaitingRoomFrame {
  type: "put_in_waiting_room";
  seq: number;
  at: string;
  participant: string;
  by: string;
  why: Why;
}

/** The waiting room was turned on or off. */
export interface WaitingRoomSetFrame {
  type: "waiting_room_set";
  seq: number;
  at: string;
  enabled: boolean;
  who: "everyone" | "not_in_account" | "not_in_account_or_domains" | "not_invited";
  by: string;
}

/** A line across the waiting-room door. */
export interface WaitingRoomMessageFrame {
  type: "waiting_room_message";
  seq: number;
  at: string;
  message: string;
  from: string;
  from_name: string;
  to: string;
  text: string;
}

/** Somebody has another name. */
export interface RenamedFrame {
  type: "renamed";
  seq: number;
  at: string;
  participant: string;
  name: string;
  by: string;
}

/** Another region rule holds. */
export interface RegionRuleSetFrame {
  type: "region_rule_set";
  seq: number;
  at: string;
  rule: RegionRule;
  by: string;
}

/** The meeting is locked. */
export interface LockedFrame {
  type: "locked";
  seq: number;
  at: string;
  by: string;
}

/** The lock is off. */
export interface UnlockedFrame {
  type: "unlocked";
  seq: number;
  at: string;
  by: string;
}

/** Somebody was removed. */
export interface RemovedFrame {
  type: "removed";
  seq: number;
  at: string;
  participant: string;
  by: string;
}

/** A removed person may come back. */
export interface ReturnAllowedFrame {
  type: "return_allowed";
  seq: number;
  at: string;
  participant: string;
  by: string;
}

/** Participant activities are suspended. */
export interface SuspendedFrame {
  type: "suspended";
  seq: number;
  at: string;
  by: string;
  activities: Array<Activity>;
  stopped: Array<Json>;
}

/** An activity is allowed. */
export interface AllowedFrame {
  type: "allowed";
  seq: number;
  at: string;
  activity: Activity;
  by: string;
  participant?: string | null;
  level?: ChatLevel | null;
}

/** An activity is barred. */
export interface DisallowedFrame {
  type: "disallowed";
  seq: number;
  at: string;
  activity: Activity;
  by: string;
  stopped: Array<Json>;
  participant?: string | null;
}

/** Audio went on or off. */
export interface AudioChangedFrame {
  type: "audio_changed";
  seq: number;
  at: string;
  participant: string;
  on: boolean;
  by?: string | null;
}

/** Video went on or off. */
export interface VideoChangedFrame {
  type: "video_changed";
  seq: number;
  at: string;
  participant: string;
  on: boolean;
  by?: string | null;
}

/** A share started. */
export interface ShareStartedFrame {
  type: "share_started";
  seq: number;
  at: string;
  participant: string;
}

/** A share is over. */
export interface ShareStoppedFrame {
  type: "share_stopped";
  seq: number;
  at: string;
  participant: string;
  by?: string | null;
}

/** A host asks somebody to unmute. */
export interface AskedToUnmuteFrame {
  type: "asked_to_unmute";
  seq: number;
  at: string;
  participant: string;
  by: string;
}

/** Somebody annotated. */
export interface AnnotatedFrame {
  type: "annotated";
  seq: number;
  at: string;
  participant: string;
}

/** Somebody reacted. */
export interface ReactedFrame {
  type: "reacted";
  seq: number;
  at: string;
  participant: string;
  kind: string;
}

/** A hand went up or down. */
export interface HandChangedFrame {
  type: "hand_changed";
  seq: number;
  at: string;
  participant: string;
  up: boolean;
}

/** A profile picture is shown or hidden. */
export interface ProfilePictureChangedFrame {
  type: "profile_picture_changed";
  seq: number;
  at: string;
  participant: string;
  on: boolean;
}

/** Somebody records. */
export interface RecordingStartedFrame {
  type: "recording_started";
  seq: number;
  at: string;
  participant: string;
}

/** A recording is over. */
export interface RecordingStoppedFrame {
  type: "recording_stopped";
  seq: number;
  at: string;
  participant: string;
}

/** A line of chat. */
export interface MessageFrame {
  type: "message";
  seq: number;
  at: string;
  message: string;
  from: string;
  to: string;
  text: string;
}

/** A line of chat is gone. */
export interface MessageDeletedFrame {
  type: "message_deleted";
  seq: number;
  at: string;
  message: string;
  by: string;
}

/** Breakout rooms are open. */
export interface BreakoutRoomsOpenedFrame {
  type: "breakout_rooms_opened";
  seq: number;
  at: string;
  rooms: Array<string>;
  by: string;
}

/** Somebody is in another room. */
export interface RoomChangedFrame {
  type: "room_changed";
  seq: number;
  at: string;
  participant: string;
  by: string;
  room?: string | null;
}

/** Breakout rooms are closed. */
export interface BreakoutRoomsClosedFrame {
  type: "breakout_rooms_closed";
  seq: number;
  at: string;
  by: string;
}

/** Somebody has another role. */
export interface RoleChangedFrame {
  type: "role_changed";
  seq: number;
  at: string;
  participant: string;
  role: Role;
  by: string;
  stopped: Array<Json>;
}

/** The meeting has begun. */
export interface StartedFrame {
  type: "started";
  seq: number;
  at: string;
  by: string;
}

/** The meeting is over. */
export interface EndedFrame {
  type: "ended";
  seq: number;
  at: string;
  by: string;
}

/** The settings changed. */
export interface SettingsChangedFrame {
  type: "settings_changed";
  seq: number;
  at: string;
  settings: Json;
  by: string;
}

/** The topic or the waiting room's words changed. */
export interface MeetingChangedFrame {
  type: "meeting_changed";
  seq: number;
  at: string;
  topic: string;
  waiting_room: Json;
  by: string;
}

/** Every frame by its type. */
export interface Frames {
  view: ViewFrame;
  reply: Reply;
  media: MediaFrame;
  came_back: CameBack;
  joined: JoinedFrame;
  joined_waiting_room: JoinedWaitingRoomFrame;
  arrived_early: ArrivedEarlyFrame;
  origin_known: OriginKnownFrame;
  entry_refused: EntryRefusedFrame;
  name_flagged: NameFlaggedFrame;
  ticket_flagged: TicketFlaggedFrame;
  admitted: AdmittedFrame;
  left: LeftFrame;
  reconnecting: ReconnectingFrame;
  reconnected: ReconnectedFrame;
  connection_replaced: ConnectionReplacedFrame;
  denied: DeniedFrame;
  put_in_waiting_room: PutInWaitingRoomFrame;
  waiting_room_set: WaitingRoomSetFrame;
  waiting_room_message: WaitingRoomMessageFrame;
  renamed: RenamedFrame;
  region_rule_set: RegionRuleSetFrame;
  locked: LockedFrame;
  unlocked: UnlockedFrame;
  removed: RemovedFrame;
  return_allowed: ReturnAllowedFrame;
  suspended: SuspendedFrame;
  allowed: AllowedFrame;
  disallowed: DisallowedFrame;
  audio_changed: AudioChangedFrame;
  video_changed: VideoChangedFrame;
  share_started: ShareStartedFrame;
  share_stopped: ShareStoppedFrame;
  asked_to_unmute: AskedToUnmuteFrame;
  annotated: AnnotatedFrame;
  reacted: ReactedFrame;
  hand_changed: HandChangedFrame;
  profile_picture_changed: ProfilePictureChangedFrame;
  recording_started: RecordingStartedFrame;
  recording_stopped: RecordingStoppedFrame;
  message: MessageFrame;
  message_deleted: MessageDeletedFrame;
  breakout_rooms_opened: BreakoutRoomsOpenedFrame;
  room_changed: RoomChangedFrame;
  breakout_rooms_closed: BreakoutRoomsClosedFrame;
  role_changed: RoleChangedFrame;
  started: StartedFrame;
  ended: EndedFrame;
  settings_changed: SettingsChangedFrame;
  meeting_changed: MeetingChangedFrame;
}

export type AnyFrame = Frames[keyof Frames];
export const EVENTS: Exclude<keyof Frames, 'view' | 'reply' | 'media' | 'came_back'>[];

/** Every command of the socket. */
export class Commands {
  /**
   * Ask to come in, with a passcode, a ticket, a user token or the host token.
   *
   * ``country`` or ``address`` say where the simulated person comes from; the server honours them for testers alone.
   *
   * Who may: anyone.
   */
  join(name: string, more?: { passcode?: string | null; ticket?: string | null; user_token?: string | null; host_token?: string | null; device?: string | null; country?: string | null; address?: string | null }): Promise<Reply>;

  /**
   * Go for good: the seat is free, the session over.
   *
   * Who may: anyone.
   */
  leave(): Promise<Reply>;

  /**
   * Go on with the same presence after the connection was lost; ``after`` is the last seq that was received.
   *
   * Who may: anyone.
   */
  resume(session: string, epoch: string, after: number, more?: { country?: string | null; address?: string | null }): Promise<Reply>;

  /**
   * Let one waiting person in; ``if_seq`` refuses with ``conflict`` if the entry changed after that seq.
   *
   * Who may: host, cohost.
   */
  admit(participant: string, more?: { if_seq?: number | null }): Promise<Reply>;

  /**
   * Let everybody in who waits, in order; with ``up_to`` only those who had knocked by that seq.
   *
   * Who may: host, cohost.
   */
  admit_all(more?: { up_to?: number | null }): Promise<Reply>;

  /**
   * Turn one waiting person away.
   *
   * Who may: host, cohost.
   */
  deny(participant: string): Promise<Reply>;

  /**
   * Put somebody inside back to waiting, whether the waiting room is on or off.
   *
   * Who may: host, cohost.
   */
  put_in_waiting_room(participant: string): Promise<Reply>;

  /**
   * Turn the waiting room on or off, and say who waits. Turning it on throws nobody out.
   *
   * Who may: host, cohost.
   */
  set_waiting_room(enabled: boolean, more?: { who?: "everyone" | "not_in_account" | "not_in_account_or_domains" | "not_invited" | null }): Promise<Reply>;

  /**
   * Write across the door. Hosts leave ``to`` out to reach everybody who waits at that moment.
   *
   * Who may: host, cohost; waiting people to the hosts.
   */
  waiting_room_chat(text: string, more?: { to?: string | null }): Promise<Reply>;

  /**
   * Change a name; without ``participant`` one's own.
   *
   * Who may: oneself while allowed; host, cohost.
   */
  rename(name: string, more?: { participant?: string | null }): Promise<Reply>;

  /**
   * Say who may enter by country. ``countries`` are ISO 3166-1 alpha-2 codes or the groups EU and EEA.
   *
   * ``present`` says what becomes of those inside and waiting whom the new rule does not let in.
   *
   * Who may: host.
   */
  set_region_rule(mode: "off" | "approve" | "deny", more?: { countries?: Array<string>; unknown?: "allow" | "deny" | "wait"; anonymous?: "allow" | "deny" | "wait"; present?: "keep" | "put_in_waiting_room" | "remove" }): Promise<Reply>;

  /**
   * Let nobody else enter.
   *
   * Who may: host, cohost.
   */
  lock(): Promise<Reply>;

  /**
   * Let people enter again, by the other rules.
   *
   * Who may: host, cohost.
   */
  unlock(): Promise<Reply>;

  /**
   * Remove somebody; ``may_return`` overrides the meeting's setting, ``report`` is filed in the same step.
   *
   * Who may: host, cohost.
   */
  remove(participant: string, more?: { may_return?: boolean | null; report?: ReportWith | null }): Promise<Reply>;

  /**
   * Let a removed person come back. Their session stays void, and a void ticket is not given back.
   *
   * Who may: host, cohost.
   */
  let_return(participant: string): Promise<Reply>;

  /**
   * Report people who are or were here, about one of the issues.
   *
   * Who may: anyone inside, about anyone.
   */
  report(participants: Array<string>, issue: string, more?: { text?: string | null }): Promise<Reply>;

  /**
   * Stop everything that participants do, and let them start nothing until it is allowed again, one by one.
   *
   * Who may: host, cohost.
   */
  suspend(more?: { report?: SuspendReport | null }): Promise<Reply>;

  /**
   * Allow or bar an activity, for one participant or for all. For chat ``allowed`` may be a level.
   *
   * ``stop`` also stops running audio or video when it is barred; share and record stop anyway.
   *
   * Who may: host, cohost.
   */
  allow(activity: Activity, allowed: boolean | ChatLevel, more?: { participant?: string | null; stop?: boolean }): Promise<Reply>;

  /**
   * Unmute or mute oneself.
   *
   * Who may: oneself, while allowed.
   */
  set_audio(on: boolean): Promise<Reply>;

  /**
   * Turn one's own video on or off.
   *
   * Who may: oneself, while allowed.
   */
  set_video(on: boolean): Promise<Reply>;

  /**
   * Mute somebody.
   *
   * Who may: host, cohost.
   */
  mute(participant: string): Promise<Reply>;

  /**
   * Mute everybody of a lower rank; nobody is kept from unmuting.
   *
   * Who may: host, cohost.
   */
  mute_all(): Promise<Reply>;

  /**
   * Turn somebody's video off.
   *
   * Who may: host, cohost.
   */
  stop_video(participant: string): Promise<Reply>;

  /**
   * Ask somebody to unmute: they may do so once, even while audio is barred or suspended.
   *
   * Who may: host, cohost.
   */
  ask_to_unmute(participant: string): Promise<Reply>;

  /**
   * Share one's screen.
   *
   * Who may: oneself, while allowed.
   */
  start_share(): Promise<Reply>;

  /**
   * Stop one's own share, or as a host somebody else's.
   *
   * Who may: oneself; host, cohost.
   */
  stop_share(more?: { participant?: string | null }): Promise<Reply>;

  /**
   * Draw on what is shown.
   *
   * Who may: oneself, while allowed.
   */
  annotate(): Promise<Reply>;

  /**
   * Show a reaction, such as ``applause``.
   *
   * Who may: anyone inside.
   */
  react(kind: string): Promise<Reply>;

  /**
   * Raise or lower one's hand.
   *
   * Who may: anyone inside.
   */
  raise_hand(up: boolean): Promise<Reply>;

  /**
   * Show or hide one's profile picture.
   *
   * Who may: oneself, while allowed.
   */
  set_profile_picture(on: boolean): Promise<Reply>;

  /**
   * Record the meeting.
   *
   * Who may: oneself, while allowed.
   */
  start_recording(): Promise<Reply>;

  /**
   * Stop one's own recording.
   *
   * Who may: oneself.
   */
  stop_recording(): Promise<Reply>;

  /**
   * Write to ``everyone`` (of one's room), to ``hosts``, or to a participant's id.
   *
   * Who may: anyone inside, as far as their level reaches.
   */
  chat(text: string, more?: { to?: string | null }): Promise<Reply>;

  /**
   * Delete a line of chat: one's own, or as a host any that one was told.
   *
   * Who may: its author; host, cohost.
   */
  delete_message(message: string): Promise<Reply>;

  /**
   * One synthetic packet of an activity that is on; ``n`` is the sender's own count. Answered only when refused.
   *
   * Who may: whoever's activity of that kind is on.
   */
  media(kind: "audio" | "video" | "share", n: number): string;

  /**
   * Open rooms. A room is its name everywhere; a name that is taken is a ``conflict``.
   *
   * Who may: host, cohost.
   */
  open_breakout_rooms(rooms: Array<RoomPlan>): Promise<Reply>;

  /**
   * Go into a room oneself, or as a host move somebody there.
   *
   * Who may: oneself; host, cohost.
   */
  join_breakout_room(room: string, more?: { participant?: string | null }): Promise<Reply>;

  /**
   * Go back to the main room, or as a host bring somebody back.
   *
   * Who may: oneself; host, cohost.
   */
  leave_breakout_room(more?: { participant?: string | null }): Promise<Reply>;

  /**
   * Close every room; everybody is back in the main room.
   *
   * Who may: host, cohost.
   */
  close_breakout_rooms(): Promise<Reply>;

  /**
   * Give somebody inside the rights of a cohost.
   *
   * Who may: host.
   */
  make_cohost(participant: string): Promise<Reply>;

  /**
   * Give a cohost back exactly the role they had before.
   *
   * Who may: host.
   */
  revoke_cohost(participant: string): Promise<Reply>;

  /**
   * Make somebody inside the host. There is one host: the present one becomes cohost.
   *
   * Who may: host.
   */
  make_host(participant: string): Promise<Reply>;

  /**
   * Open the meeting without a joined host, so that it can be hosted by HTTP alone.
   *
   * Who may: host.
   */
  start(): Promise<Reply>;

  /**
   * End the meeting for everyone.
   *
   * Who may: host.
   */
  end(): Promise<Reply>;
}

export class Connection extends Commands {
  constructor(socket_url: string, options?: ConnectionOptions);
  readonly socket_url: string;
  timeout: number;
  readonly mirror: Mirror;
  readonly view: View | null;
  readonly participant: string | null;
  readonly place: Place | null;
  readonly session: string | null;
  open(): Promise<this>;
  close(): Promise<Closed>;
  drop(): void;
  closed(timeout?: number): Promise<Closed>;
  ask(command: string, fields?: Json, how?: { timeout?: number; check?: boolean }): Promise<Reply>;
  tell(command: string, fields?: Json): string;
  send_raw(text: string): void;
  caught_up(): Promise<void>;
  on<T extends keyof Frames>(type: T, listener: (frame: Frames[T]) => void): () => void;
  on(type: "*", listener: (frame: AnyFrame) => void): () => void;
  on(type: "changed", listener: (view: View) => void): () => void;
  on(type: "lost" | "closed", listener: (closed: Closed) => void): () => void;
  wait_for<T extends keyof Frames>(type: T, where?: Where<Frames[T]>, timeout?: number): Promise<Frames[T]>;
  wait_for(type?: null, where?: Where<AnyFrame>, timeout?: number): Promise<AnyFrame>;
  frames<T extends keyof Frames>(type: T, where?: Where<Frames[T]>): Frames[T][];
  frames(type?: null, where?: Where<AnyFrame>): AnyFrame[];
  seen(condition: (view: View) => unknown, timeout?: number): Promise<View>;
  placed(place: Place, timeout?: number): Promise<View>;
}
