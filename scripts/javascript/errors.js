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
