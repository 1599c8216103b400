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
