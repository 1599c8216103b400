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
