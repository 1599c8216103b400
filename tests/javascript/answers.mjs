// Answers each line of JSON with one line: what the module makes of it.
import { createInterface } from "node:readline";

const client = await import(process.argv[2]);

// A stream is what one person was sent; after the frames that `marks` counts, the picture is asked for.
function pictures({ frames, marks }) {
  const mirror = new client.Mirror();
  const seen = [];
  let at = 0;
  for (const mark of marks) {
    for (; at < mark; at++) mirror.fold(frames[at]);
    seen.push(structuredClone(mirror.view));
  }
  return { seen, faults: mirror.faults };
}

function invitation({ link, url }) {
  try {
    return client.invitation(link, { url });
  } catch (error) {
    return { error: error.name };
  }
}

const questions = {
  streams: (streams) => streams.map(pictures),
  links: (links) => links.map(invitation),
  refusals: (errors) => errors.map((error) => ({ ...new client.RefusedError(error) })),
  commands: () => Object.getOwnPropertyNames(client.Commands.prototype).filter((name) => name !== "constructor"),
  sent: ([name, said]) => {
    const calls = [];
    const note = (...call) => calls.push(call);
    client.Commands.prototype[name].call({ ask: note, tell: note }, ...said);
    return calls;
  },
  events: () => client.EVENTS,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, of } = JSON.parse(line);
  process.stdout.write(JSON.stringify(questions[ask](of)) + "\n");
}
