// What the page was given, in shapes that are quick to ask.

const run = JSON.parse(document.getElementById("run").textContent);
const { people, groups, checks } = run;
const DURATION = Math.max(1, run.run.duration);
const HOSTS = new Set(["host", "cohost"]);
const PLACES = ["early", "waiting", "inside"];

const CATEGORIES = {
  came: { said: "came in, came back" },
  waits: { said: "waits", colour: "waiting" },
  gone: { said: "left, lost the connection" },
  out: { said: "removed, denied" },
  refused: { said: "was refused" },
  control: { said: "a host's control" },
  rule: { said: "a rule of a scripted host fired", colour: "control" },
  talk: { said: "spoke, wrote, shared, drew" },
  report: { said: "a report was filed" },
  world: { said: "from outside: link, server, mail" },
  wire: { said: "a frame or a reply, around a witness", colour: "gone" },
};
const MEMBERS = {
  came: "joined admitted reconnected connected",
  waits: "joined_waiting_room arrived_early put_in_waiting_room",
  gone: "left reconnecting disconnected",
  out: "removed denied",
  refused: "refused entry_refused",
  control:
    "started ended suspended allowed disallowed locked unlocked waiting_room_set region_rule_set role_changed return_allowed " +
    "settings_changed meeting_changed breakout_rooms_opened breakout_rooms_closed asked_to_unmute message_deleted created",
  rule: "rule_fired",
  report: "report_filed",
  world: "link_posted server_stopped server_started mail_sent attendance view_compared",
  wire: "sent received",
};
const CATEGORY = Object.fromEntries(
  Object.entries(MEMBERS).flatMap(([category, kinds]) => kinds.split(" ").map((kind) => [kind, category])),
);
const WEIGHT = ["wire", "talk", "gone", "came", "waits", "report", "refused", "world", "rule", "control", "out"];

const moments = (() => {
  const { kinds, n, at, kind, who, by } = run.moments;
  let lastN = 0;
  let lastAt = 0;
  return n.map((step, i) => {
    lastN += step;
    lastAt += at[i];
    const name = kinds[kind[i]];
    return { i, n: lastN, at: lastAt, kind: name, category: CATEGORY[name] || "talk", who: who[i], by: by[i] };
  });
})();
const momentOf = new Map(moments.map((moment) => [moment.n, moment]));

const own = people.map(() => []);
const unowned = [];
for (const moment of moments) {
  if (moment.who >= 0) own[moment.who].push(moment);
  if (moment.by >= 0) own[moment.by].push(moment);
  if (moment.who < 0 && moment.by < 0) unowned.push(moment);
}

const witnessOf = new Map(); // a moment's n -> the checks that rest on it
for (const check of checks) {
  for (const n of check.witnesses) witnessOf.set(n, [...(witnessOf.get(n) || []), check]);
}
const isBad = (check) => check.verdict === "fail" || (!check.green && check.verdict !== "pass");

function el(tag, said = {}, ...inner) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(said)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inner.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}
const byId = (id) => document.getElementById(id);
const bdi = (text) => el("bdi", {}, text);
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

function clock(ms, precise = true) {
  const whole = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const head = `${hours ? `${hours}:` : ""}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return precise ? `${head}.${String(Math.floor(ms) % 1000).padStart(3, "0")}` : head;
}
function length(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

const nameOf = (person) => (person.names || [])[0] || person.ref;
const whose = (moment) => (moment.who >= 0 ? people[moment.who].ref : "");
const title = (moment) => moment.kind.replaceAll("_", " ");
const fieldsOf = (moment) => run.fields[moment.n];
function gist(moment) {
  const fields = fieldsOf(moment);
  if (!fields) return "";
  const because = fields.because ? `because ${fields.because.rule}` : "";
  const said = ["text", "code", "rule", "command", "activity", "site", "country", "name", "type"]
    .filter((name) => typeof fields[name] === "string" && fields[name] !== moment.kind)
    .map((name) => (name === "text" ? `“${fields[name]}”` : fields[name]));
  const on = typeof fields.on === "boolean" ? (fields.on ? "on" : "off") : "";
  return [...new Set([...said.slice(0, 4), on, because])].filter(Boolean).join(" · ");
}
