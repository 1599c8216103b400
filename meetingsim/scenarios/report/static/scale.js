// The part of the run that is shown, and where in it a moment lies.

const SHORTEST = 20;
const view = { from: 0, to: DURATION };
const drawn = new Set(); // what wants to be called when the picture changes
let asked = false;

function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    drawn.forEach((draw) => draw());
  });
}
function show(from, to) {
  const span = Math.min(DURATION, Math.max(SHORTEST, to - from));
  const middle = (from + to) / 2;
  view.from = Math.max(0, Math.min(DURATION - span, middle - span / 2));
  view.to = view.from + span;
  redraw();
}
function zoom(factor, at = (view.from + view.to) / 2) {
  const span = Math.min(DURATION, Math.max(SHORTEST, (view.to - view.from) * factor));
  const left = at - ((at - view.from) / (view.to - view.from)) * span;
  show(left, left + span);
}
function pan(ms) {
  const span = view.to - view.from;
  const from = Math.max(0, Math.min(DURATION - span, view.from + ms));
  show(from, from + span);
}
const xOf = (at, width) => ((at - view.from) / (view.to - view.from)) * width;
const atOf = (x, width) => view.from + (x / width) * (view.to - view.from);

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5];
function ticks(from, to, most) {
  const step = STEPS.find((one) => (to - from) / one <= most) || 864e5 * Math.ceil((to - from) / 864e5 / most);
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return { found, step };
}

// Moments are in order: the first at or after a time.
function firstFrom(list, at) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
// The value of [at, value, at, value, …] at a moment.
function valueAt(steps, at) {
  let low = 0;
  let high = steps.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[2 * middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low ? steps[2 * low - 1] : 0;
}
