// One event: who, when, its fields, and because of what it was decided.

const detail = byId("detail");
detail.tabIndex = -1;

function choose(moment, { into = true } = {}) {
  chosen.moment = moment;
  if (moment) {
    if (into && (moment.at < view.from || moment.at > view.to)) show(moment.at - span() / 2, moment.at + span() / 2);
    remember(moment);
    say(`${title(moment)}, ${whose(moment) || "nobody of the cast"}, ${clock(moment.at)}. ${gist(moment)}`);
  }
  tellDetail();
  redraw();
}
function remember(moment) {
  try {
    history.replaceState(null, "", `#n${moment.n}`);
  } catch {
    // A browser may refuse it to a page from the disk, and nothing depends on it.
  }
}
function tellDetail() {
  const { moment } = chosen;
  detail.replaceChildren(...(moment ? about(moment) : help()));
  detail.scrollTop = 0;
}

function about(moment) {
  const fields = { ...(fieldsOf(moment) || {}) };
  const { because } = fields;
  for (const name of ["because", "type", "seq", "at", "n", "line"]) delete fields[name];
  const seq = (fieldsOf(moment) || {}).seq;
  const swatch = el("i");
  swatch.style.background = colourOf(moment.category);
  const parts = [
    el("h3", {}, swatch, title(moment)),
    el("p", { class: "when" }, el("span", { class: "mono" }, clock(moment.at)), seq ? ` · seq ${seq}` : "", ` · fact ${moment.n}`),
  ];
  if (moment.who >= 0) parts.push(el("p", { class: "who" }, personLink(moment.who), " ", ...aboutPerson(people[moment.who])));
  if (moment.by >= 0) parts.push(el("p", { class: "who" }, "by ", personLink(moment.by)));
  const rests = witnessOf.get(moment.n) || [];
  for (const check of rests) {
    parts.push(el("p", { class: `who ${check.verdict}` }, el("span", { class: "tag" }, check.verdict), " ", el("a", { href: `#check-${checks.indexOf(check)}` }, bdi(check.id))));
  }
  if (because) parts.push(el("div", { class: "because" }, el("h4", {}, "Because"), tree(because)));
  parts.push(el("h4", {}, "Fields"));
  if (!fieldsOf(moment)) parts.push(el("p", { class: "soft" }, `Not kept in this page: see the row with n ${moment.n} in trace.jsonl.`));
  else if (Object.keys(fields).length) parts.push(tree(fields));
  else parts.push(el("p", { class: "soft" }, "none"));
  return [...parts, ...around(moment)];
}
function aboutPerson(person) {
  const names = (person.names || []).flatMap((name, i) => [i ? ", " : "“", bdi(name)]);
  const more = person.more_names ? ` and ${person.more_names} more names` : "";
  const where = [person.role !== "participant" && person.role, person.country].filter(Boolean).join(", ");
  return [names.length ? [...names, "”"] : "", el("span", { class: "soft" }, `${more} ${where ? `(${where})` : ""}`)];
}
function personLink(i) {
  return el("button", { class: "ref", type: "button", title: "Show their lane", onclick: () => reveal(i) }, bdi(people[i].ref));
}
function reveal(i) {
  pinned.add(i);
  build();
  current = rows.findIndex((one) => one.person === i);
  mark();
  if (current >= 0) rows[current].element.scrollIntoView({ block: "center" });
}

function tree(value) {
  if (value === null || value === undefined) return el("span", { class: "none" }, "none");
  if (Array.isArray(value)) {
    return value.length ? el("ol", {}, value.map((one) => el("li", {}, tree(one)))) : el("span", { class: "none" }, "none");
  }
  if (typeof value === "object") {
    return el("dl", { class: "fields" }, Object.entries(value).map(([name, one]) => [el("dt", {}, bdi(name)), el("dd", {}, tree(one))]));
  }
  const person = typeof value === "string" ? run.ids[value] : undefined;
  return person === undefined ? bdi(String(value)) : el("span", {}, personLink(person));
}

function around(moment) {
  const list = moment.who >= 0 ? own[moment.who] : unowned;
  const here = list.indexOf(moment);
  if (here < 0) return [];
  const step = (to) => () => choose(list[to]);
  const nav = el(
    "nav",
    { "aria-label": "Events of this lane" },
    el("button", { type: "button", disabled: here === 0, onclick: step(here - 1) }, "← before"),
    el("button", { type: "button", disabled: here === list.length - 1, onclick: step(here + 1) }, "after →"),
  );
  const shown = list.slice(Math.max(0, here - 6), here + 7);
  const lines = shown.map((one) => {
    const swatch = el("i");
    swatch.style.background = colourOf(one.category);
    const line = [el("time", {}, clock(one.at)), swatch, el("span", {}, title(one), " ", el("span", { class: "soft" }, bdi(gist(one).slice(0, 60))))];
    return el("li", {}, el("button", { type: "button", "aria-current": one === moment && "true", onclick: () => choose(one) }, line));
  });
  return [nav, el("h4", {}, moment.who >= 0 ? ["Around it, at ", bdi(people[moment.who].ref)] : "Around it"), el("ol", { class: "around" }, lines)];
}

function help() {
  const legend = Object.entries(CATEGORIES).filter(([name]) => moments.some((moment) => moment.category === name));
  const keys = [
    ["← →", "the event before, after"],
    ["↑ ↓", "another lane"],
    ["Enter", "open a group; go to the event"],
    ["+ − 0", "zoom in, out, whole run"],
    ["Shift ← →", "move in time"],
  ];
  return [
    el("p", { class: "soft help" }, "Choose an event: here come its fields, and because of what it was decided. Drag to move in time, Ctrl and the wheel to zoom; drag in the strip on top to choose a time."),
    el("div", { class: "help" }, el("h4", {}, "Keys on the lanes"), el("dl", { class: "keys" }, keys.map(([key, said]) => [el("dt", {}, key.split(" ").map((one) => [el("kbd", {}, one), " "])), el("dd", {}, said)]))),
    legend.length > 0 && el("h4", {}, "Signs"),
    el("div", { class: "legend" }, legend.map(([name, one]) => [sample((area) => glyph(area.ctx, name, 10, 8, 5)), one.said])),
    el("h4", {}, "Bands"),
    el("div", { class: "legend" }, bands()),
  ].filter(Boolean);
}
function bands() {
  const block = (fill) => sample(({ ctx }) => ((ctx.fillStyle = fill(ctx)), ctx.fillRect(1, 2, 18, 12)));
  return [
    [block(() => faded("inside", 0.5)), "inside"],
    groups.some((group) => group.disruptive) && [block(() => faded("offend", 0.5)), "inside, of those who came to disturb"],
    [block((ctx) => hatch(ctx, "waiting")), "waiting"],
    [block(() => colour("acting")), `acting: how many did something in ${length(run.bucket)}`],
    run.meeting.some(([of]) => of === "suspended") && [block(() => colour("veil")), "while the meeting was suspended"],
    run.faults.length > 0 && [block((ctx) => hatch(ctx, "fault")), "while the network was bad"],
    [sample(({ ctx }) => halo(ctx, 10, 8, 6, "fail")), "a witness of a failed check"],
  ].filter(Boolean);
}
function sample(draw) {
  const holder = el("span");
  const canvas = el("canvas", { "aria-hidden": "true" });
  const ratio = window.devicePixelRatio || 1;
  canvas.width = 20 * ratio;
  canvas.height = 16 * ratio;
  canvas.style.width = "20px";
  canvas.style.height = "16px";
  holder.append(canvas);
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  draw({ ctx, width: 20, height: 16 });
  return holder;
}
