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
