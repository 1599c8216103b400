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
