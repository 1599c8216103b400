// The lanes: time above, the meeting, its hosts, then a band for each group, with lanes of single people below it.

const FIRST = 25;
const chosen = { moment: null };
const expanded = new Map(); // a group -> how many of its people are shown
const pinned = new Set(); // people who have a lane of their own though their group is closed
const hostly = (at) => HOSTS.has(groups[at].role) && groups[at].people <= 6;
const inside = groups.map((_, at) => at).filter((at) => !hostly(at));
const membersOf = groups.map((_, at) => people.flatMap((person, i) => (person.group === at ? [i] : [])));
const momentsOf = membersOf.map((members) => members.flatMap((i) => own[i]).sort((a, b) => a.n - b.n));
groups.forEach((group) => {
  group.most = 0;
  const changes = [...group.inside_steps, ...group.waiting_steps, ...group.early_steps].filter((_, i) => i % 2 === 0);
  for (const at of changes) {
    const all = valueAt(group.inside_steps, at) + valueAt(group.waiting_steps, at) + valueAt(group.early_steps, at);
    group.most = Math.max(group.most, all);
  }
});
for (const check of checks.filter(isBad)) {
  for (const n of check.witnesses) {
    const moment = momentOf.get(n);
    if (moment && moment.who >= 0 && pinned.size < 12) pinned.add(moment.who);
  }
}
const isWitness = (i) => own[i].some((moment) => (witnessOf.get(moment.n) || []).some(isBad));
const offence = (i) => (isWitness(i) ? 1e6 : 0) + ((people[i].removed || 0) + (people[i].denied || 0)) * 100 + (people[i].refused || 0);
const ranked = (members) => [...members].sort((a, b) => offence(b) - offence(a) || a - b);

let rows = [];
let current = 0;
const lanes = byId("lanes");
const hair = el("div", { class: "hair", hidden: true });
const pin = el("div", { class: "pin", hidden: true });
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      entry.target.row.visible = entry.isIntersecting;
      if (entry.isIntersecting) paint(entry.target.row);
    }
  },
  { rootMargin: "600px 0px" },
);

function row(kind, height, label, draw, list = [], more = {}) {
  const canvas = el("canvas", { "aria-hidden": "true" });
  canvas.style.height = `${height}px`;
  const made = { kind, height, draw, list, canvas, visible: false, ...more };
  made.element = el("div", { class: `lane ${kind}` }, el("div", { class: "label" }, label), el("div", { class: "picture" }, canvas));
  made.element.row = made;
  return made;
}
function paint(one) {
  const area = fresh(one.canvas, one.height);
  if (one.kind !== "axis") backdrop(area);
  one.draw(area);
}

function strips() {
  const wanted = [
    ["suspended", "suspended", "control", (what) => `${what.join(", ")} barred`],
    ["locked", "locked", "world", () => "locked"],
    ["waiting_room", "waiting room on", "waiting", () => "waiting room"],
    ["server", "server down", "fail", () => "down"],
  ];
  const made = [];
  for (const [of, label, tone, said] of wanted) {
    const spells = run.meeting.filter((spell) => spell[0] === of);
    if (spells.length) made.push(strip(label, spells.map(([, what, since, until]) => ({ since, until, said: said(what) })), tone));
  }
  if (run.faults.length) {
    made.push(strip("network faults", run.faults.map((fault) => ({ ...fault, said: `${fault.on}: ${fault.said}` })), "report"));
  }
  if (unowned.length) made.push(row("strip", 20, "outside", (area) => glyphs(area, unowned, 4.5, () => 10), unowned, { named: "outside" }));
  return made;
}
function strip(label, spells, tone) {
  const draw = ({ ctx, width }) => {
    for (const spell of spells) {
      const place = bar(ctx, width, spell.since, spell.until, 4, 12, faded(tone, 0.35));
      if (!place) continue;
      ctx.fillStyle = colour(tone);
      ctx.fillRect(place.left, 4, 2, 12);
      if (ctx.measureText(spell.said).width < place.right - place.left - 12) {
        ctx.fillStyle = colour("ink");
        ctx.fillText(spell.said, place.left + 7, 10.5);
      }
    }
  };
  return row("strip", 20, label, draw, [], { spells, named: label });
}

function personBars(area, i, top, height) {
  const { ctx, width } = area;
  const spells = people[i].spells || [];
  const tone = groups[people[i].group].disruptive ? "offend" : "inside";
  for (let at = 0; at < spells.length; at += 3) {
    const place = PLACES[spells[at]];
    const fill = place === "inside" ? faded(tone, 0.45) : hatch(ctx, place === "waiting" ? "waiting" : "early");
    bar(ctx, width, spells[at + 1], spells[at + 2], top, height, fill);
  }
}
function hostRow(i) {
  const level = (moment) => (moment.category === "rule" ? 12 : 31);
  const draw = (area) => {
    personBars(area, i, 39, 4);
    glyphs(area, own[i], 5, level);
    captions(area, own[i], level);
  };
  const label = [el("b", {}, bdi(people[i].ref)), el("span", { class: "sub" }, people[i].role || "host")];
  return row("host", 46, label, draw, own[i], { person: i, named: people[i].ref });
}
// A word beside a host's control, where nothing else is in its way.
function captions({ ctx, width }, list, level) {
  ctx.fillStyle = colour("ink");
  const shown = list.slice(firstFrom(list, view.from), firstFrom(list, view.to + 1));
  const next = { 12: width, 31: width };
  for (const moment of shown.reverse()) {
    const x = xOf(moment.at, width);
    const said = (moment.kind === "rule_fired" && (fieldsOf(moment) || {}).rule) || title(moment);
    const worded = moment.category === "control" || moment.category === "rule";
    const left = x + (witnessOf.has(moment.n) ? 13 : 9);
    if (worded && left + 4 + ctx.measureText(said).width < next[level(moment)]) ctx.fillText(said, left, level(moment) + 0.5);
    next[level(moment)] = x - 6;
  }
}
function groupRow(at) {
  const group = groups[at];
  const open = expanded.has(at);
  const toggle = el(
    "button",
    { type: "button", "aria-expanded": String(open), title: "Show each of them", onclick: () => expand(at, !open) },
    el("span", { class: "arrow", "aria-hidden": "true" }, "▸"),
    bdi(group.name),
  );
  const about = [group.role !== "participant" && group.role, group.behavior].filter(Boolean).join(", ");
  const label = [
    toggle,
    el("span", { class: "sub" }, plural(group.people, "person", "people")),
    about && el("span", { class: "sub" }, bdi(about)),
  ];
  const draw = (area) => {
    faults(area, at);
    band(area, group);
    embers(area, momentsOf[at]);
  };
  return row("group", inside.length > 3 ? 84 : 112, label, draw, momentsOf[at], { group: at, named: group.name });
}
function faults({ ctx, width, height }, at) {
  for (const fault of run.faults.filter((one) => one.groups.includes(at))) {
    bar(ctx, width, fault.since, fault.until, 0, height, hatch(ctx, "fault"));
  }
}
function personRow(i) {
  const person = people[i];
  const names = (person.names || []).join(", ");
  const label = [isWitness(i) && el("span", { class: "star", title: "a witness" }, "★ "), bdi(person.ref), " ", el("span", { class: "soft" }, bdi(names))];
  const draw = (area) => {
    personBars(area, i, 6, 10);
    glyphs(area, own[i], 4.5, () => 11);
  };
  const made = row("person", 22, label, draw, own[i], { person: i, named: `${person.ref} ${names}` });
  made.element.firstChild.title = names ? `${person.ref}: ${names}` : person.ref;
  return made;
}

function expand(at, open) {
  if (open) expanded.set(at, FIRST);
  else expanded.delete(at);
  build();
  rows.find((one) => one.group === at).element.querySelector("button").focus();
}
function build() {
  seen.disconnect();
  rows = [axisRow(), ...strips()];
  groups.forEach((_, at) => hostly(at) && rows.push(...membersOf[at].map(hostRow)));
  const elements = [];
  for (const at of inside) {
    rows.push(groupRow(at));
    const members = ranked(membersOf[at]);
    const shown = expanded.has(at) ? members.filter((i, place) => place < expanded.get(at) || pinned.has(i)) : members.filter((i) => pinned.has(i));
    rows.push(...shown.map(personRow));
    if (expanded.has(at) && shown.length < members.length) elements.push([rows.length - 1, moreOf(at, members.length - shown.length)]);
  }
  const later = new Map(elements);
  lanes.replaceChildren(...rows.flatMap((one, i) => (later.has(i) ? [one.element, later.get(i)] : [one.element])), hair, pin);
  current = Math.min(current, rows.length - 1);
  rows.forEach((one) => seen.observe(one.element));
  mark();
}
function moreOf(at, left) {
  const next = Math.min(left, 100);
  const click = () => {
    expanded.set(at, expanded.get(at) + next);
    build();
  };
  return el("div", { class: "more" }, el("button", { class: "ref", type: "button", onclick: click }, `Show ${next} more of ${left.toLocaleString("en")}`));
}
function mark() {
  rows.forEach((one, i) => one.element.classList.toggle("current", i === current && i > 0));
}

function axisRow() {
  return row("axis", 66, el("span", { class: "soft" }, "frames received"), drawAxis, [], { named: "time" });
}
const OVERVIEW = 36;
function drawAxis({ ctx, width, height }) {
  const most = Math.max(1, ...run.traffic);
  const x = (at) => (at / DURATION) * width;
  for (const [of, , since, until] of run.meeting) {
    if (of === "suspended") {
      ctx.fillStyle = colour("veil");
      ctx.fillRect(x(since), 0, x(until) - x(since), OVERVIEW);
    }
  }
  ctx.fillStyle = faded("soft", 0.55);
  run.traffic.forEach((count, i) => {
    const high = (count / most) * (OVERVIEW - 6);
    if (count) ctx.fillRect(x(i * run.bucket), OVERVIEW - Math.max(1, high), Math.max(1, x(run.bucket)), Math.max(1, high));
  });
  for (const check of checks.filter(isBad)) {
    for (const n of check.witnesses) {
      const moment = momentOf.get(n);
      if (!moment) continue;
      ctx.fillStyle = colour("fail");
      polygon(ctx, [x(moment.at) - 4, 0], [x(moment.at) + 4, 0], [x(moment.at), 7]);
    }
  }
  ctx.fillStyle = faded("ground", 0.72);
  ctx.fillRect(0, 0, x(view.from), OVERVIEW);
  ctx.fillRect(x(view.to), 0, width, OVERVIEW);
  ctx.strokeStyle = colour("focus");
  ctx.lineWidth = 1.5;
  ctx.strokeRect(x(view.from) + 0.75, 0.75, Math.max(3, x(view.to) - x(view.from)) - 1.5, OVERVIEW - 1.5);
  const { found, step } = ticks(view.from, view.to, width / 80);
  ctx.fillStyle = colour("soft");
  ctx.textAlign = "center";
  for (const at of found) {
    const place = xOf(at, width);
    ctx.fillRect(place, height - 8, 1, 8);
    if (place > 24 && place < width - 24) ctx.fillText(clock(at, step < 1000), place, height - 17);
  }
  ctx.textAlign = "left";
}

drawn.add(() => {
  rows.forEach((one) => one.visible && paint(one));
  byId("range").textContent = `${clock(view.from)} – ${clock(view.to)} (${length(view.to - view.from)})`;
  const place = chosen.moment && laneX(chosen.moment.at);
  pin.hidden = place === null || place === undefined;
  if (!pin.hidden) pin.style.left = `${place}px`;
});
function laneX(at) {
  const picture = rows[0].canvas.parentElement;
  const x = xOf(at, picture.clientWidth);
  return x < 0 || x > picture.clientWidth ? null : picture.offsetLeft + x;
}
