// Mouse, touch and keys on the lanes.

const tip = byId("tip");
const NEAR = 7;

function rowAt(target) {
  const lane = target.closest ? target.closest(".lane") : null;
  return lane ? lane.row : null;
}
function nearest(one, x, width) {
  const from = firstFrom(one.list, atOf(x - NEAR, width));
  const until = atOf(x + NEAR, width);
  let best = null;
  for (let i = from; i < one.list.length && one.list[i].at <= until; i += 1) {
    const moment = one.list[i];
    if (one.kind === "group" && !["out", "refused"].includes(moment.category)) continue;
    const far = Math.abs(xOf(moment.at, width) - x) - WEIGHT.indexOf(moment.category) * 0.4 - (witnessOf.has(moment.n) ? 9 : 0);
    if (!best || far < best.far) best = { moment, far };
  }
  return best && best.moment;
}
function describe(one, at, moment) {
  if (moment) {
    const who = [whose(moment), moment.by >= 0 && `by ${people[moment.by].ref}`].filter(Boolean).join(" ");
    return [el("b", {}, title(moment)), " ", bdi(who), el("br"), el("span", {}, clock(moment.at), gist(moment) && " · ", bdi(gist(moment)))];
  }
  const said = [el("b", {}, clock(at))];
  if (one.kind === "group") {
    const group = groups[one.group];
    const acting = group.acting[Math.floor(at / run.bucket)] || 0;
    const parts = [`${valueAt(group.inside_steps, at)} inside`, `${valueAt(group.waiting_steps, at)} waiting`, `${acting} acting`];
    said.push(el("br"), el("span", {}, parts.join(" · ")));
  }
  if (one.kind === "axis") said.push(el("br"), el("span", {}, `${run.traffic[Math.floor(at / run.bucket)] || 0} frames received in ${length(run.bucket)}`));
  const spell = (one.spells || []).find((each) => each.since <= at && at < each.until);
  if (spell) said.push(el("br"), el("span", {}, bdi(spell.said), ` · ${clock(spell.since, false)} – ${clock(spell.until, false)}`));
  if (one.person !== undefined && one.kind === "person") said.push(el("br"), el("span", {}, placeOf(people[one.person], at)));
  return said;
}
function placeOf(person, at) {
  const spells = person.spells || [];
  for (let i = 0; i < spells.length; i += 3) {
    if (spells[i + 1] <= at && at < spells[i + 2]) return PLACES[spells[i]];
  }
  return "away";
}
function tell(event, inner) {
  tip.replaceChildren(...inner);
  tip.hidden = false;
  const { offsetWidth: wide, offsetHeight: high } = tip;
  tip.style.left = `${Math.max(4, Math.min(window.innerWidth - wide - 8, event.clientX + 14))}px`;
  tip.style.top = `${event.clientY + 18 + high > window.innerHeight ? event.clientY - high - 10 : event.clientY + 18}px`;
}
function quiet() {
  tip.hidden = hair.hidden = true;
}

let drag = null;
lanes.addEventListener("pointerdown", (event) => {
  const one = rowAt(event.target);
  if (!one || event.target.tagName !== "CANVAS" || event.button) return;
  const { x, y, width } = within(event, one);
  const brushing = one.kind === "axis" && y < OVERVIEW;
  drag = { one, x, width, brushing, moved: false, from: view.from, to: view.to };
  event.target.setPointerCapture(event.pointerId);
});
lanes.addEventListener("pointermove", (event) => {
  const one = drag ? drag.one : rowAt(event.target);
  if (!one || (!drag && event.target.tagName !== "CANVAS")) return quiet();
  const { x, width, y } = within(event, one);
  if (drag && Math.abs(x - drag.x) > 3) drag.moved = true;
  if (drag && drag.moved) return dragTo(x, width);
  const over = one.kind === "axis" && y < OVERVIEW;
  const at = over ? (x / width) * DURATION : atOf(x, width);
  hair.hidden = over;
  hair.style.left = `${one.canvas.parentElement.offsetLeft + x}px`;
  const moment = nearest(one, x, width);
  one.canvas.style.cursor = moment ? "pointer" : "";
  return tell(event, describe(one, Math.max(0, Math.min(DURATION, at)), moment));
});
function within(event, one) {
  const box = one.canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width };
}
function dragTo(x, width) {
  quiet();
  drag.one.canvas.parentElement.classList.add("drag");
  if (drag.brushing) {
    const [left, right] = [drag.x, x].sort((a, b) => a - b).map((place) => (Math.max(0, Math.min(width, place)) / width) * DURATION);
    show(left, right);
  } else {
    const shift = ((drag.x - x) / width) * (drag.to - drag.from);
    show(drag.from + shift, drag.to + shift);
  }
}
lanes.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { one, moved, x, width, brushing } = drag;
  one.canvas.parentElement.classList.remove("drag");
  drag = null;
  if (moved) return;
  if (brushing) {
    const half = (view.to - view.from) / 2;
    show((x / width) * DURATION - half, (x / width) * DURATION + half);
    return;
  }
  current = rows.indexOf(one);
  mark();
  const moment = nearest(one, x, width);
  if (moment) choose(moment);
});
lanes.addEventListener("pointercancel", () => (drag = null));
lanes.addEventListener("pointerleave", quiet);
lanes.addEventListener("dblclick", (event) => {
  const one = rowAt(event.target);
  if (!one || event.target.tagName !== "CANVAS") return;
  const { x, width } = within(event, one);
  zoom(0.4, atOf(x, width));
});
lanes.addEventListener(
  "wheel",
  (event) => {
    const one = rowAt(event.target);
    if (!one) return;
    const { x, width } = within(event, one);
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey || event.altKey) zoom(Math.exp(event.deltaY * 0.002), atOf(x, width));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan((sideways / width) * (view.to - view.from));
    else return;
    event.preventDefault();
  },
  { passive: false },
);

const span = () => view.to - view.from;
const KEYS = {
  "+": () => zoom(0.5, chosen.moment ? chosen.moment.at : undefined),
  "=": () => zoom(0.5, chosen.moment ? chosen.moment.at : undefined),
  "-": () => zoom(2),
  0: () => show(0, DURATION),
  ArrowUp: () => go(-1),
  ArrowDown: () => go(1),
  ArrowLeft: () => along(-1),
  ArrowRight: () => along(1),
  Home: () => along(-Infinity),
  End: () => along(Infinity),
  Enter: () => open(),
  " ": () => open(),
  Escape: () => choose(null),
};
lanes.addEventListener("keydown", (event) => {
  if (event.target !== lanes || event.ctrlKey || event.metaKey || event.altKey) return;
  const aside = event.shiftKey && { ArrowLeft: -0.25, ArrowRight: 0.25 }[event.key];
  if (!aside && !KEYS[event.key]) return;
  event.preventDefault();
  if (aside) pan(span() * aside);
  else KEYS[event.key]();
});
function go(by) {
  current = Math.max(1, Math.min(rows.length - 1, current + by));
  mark();
  rows[current].element.scrollIntoView({ block: "nearest" });
  say(`${rows[current].named}, ${plural(rows[current].list.length, "event")}`);
}
function along(by) {
  const one = rows[current];
  if (!one || !one.list.length) return say("no events in this lane");
  const from = chosen.moment ? one.list.findIndex((moment) => moment.n >= chosen.moment.n) : firstFrom(one.list, view.from);
  const here = from < 0 ? one.list.length : from;
  const on = chosen.moment && one.list[here] === chosen.moment;
  const next = by < 0 ? here - 1 : here + (on ? 1 : 0);
  const place = Number.isFinite(by) ? next : by < 0 ? 0 : one.list.length - 1;
  return choose(one.list[Math.max(0, Math.min(one.list.length - 1, place))]);
}
function open() {
  const one = rows[current];
  if (one.group === undefined) return byId("detail").focus();
  expand(one.group, !expanded.has(one.group));
  return lanes.focus();
}
function say(text) {
  byId("spoken").textContent = text;
}
byId("zoom-in").addEventListener("click", () => KEYS["+"]());
byId("zoom-out").addEventListener("click", () => KEYS["-"]());
byId("zoom-all").addEventListener("click", () => KEYS[0]());
