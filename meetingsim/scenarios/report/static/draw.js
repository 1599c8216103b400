// Paints: bands, bars, glyphs. Colours come from the style sheet, so that a theme is one place.

const colours = new Map();
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);
function colour(name) {
  if (!colours.has(name)) {
    probe.style.color = `var(--${name})`;
    colours.set(name, getComputedStyle(probe).color);
  }
  return colours.get(name);
}
const colourOf = (category) => colour(CATEGORIES[category].colour || category);
const faded = (name, alpha) => `color-mix(in srgb, ${colour(name)} ${alpha * 100}%, transparent)`;
const FONT = "11px system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";

const hatches = new Map();
function hatch(ctx, name) {
  const key = colour(name);
  if (!hatches.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const paint = tile.getContext("2d");
    paint.strokeStyle = key;
    paint.lineWidth = 1.6;
    paint.beginPath();
    for (const shift of [-6, 0, 6]) {
      paint.moveTo(shift, 6);
      paint.lineTo(shift + 6, 0);
    }
    paint.stroke();
    hatches.set(key, tile);
  }
  return ctx.createPattern(hatches.get(key), "repeat");
}
function fresh(canvas, height) {
  const width = Math.max(1, Math.floor(canvas.parentElement.clientWidth));
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  ctx.font = FONT;
  ctx.textBaseline = "middle";
  return { ctx, width, height };
}
function bar(ctx, width, since, until, top, height, paint) {
  const left = Math.max(-4, xOf(since, width));
  const right = Math.min(width + 4, xOf(until, width));
  if (right < 0 || left > width) return null;
  ctx.fillStyle = paint;
  ctx.fillRect(left, top, Math.max(1, right - left), height);
  return { left: Math.max(0, left), right: Math.min(width, right) };
}

// What every lane shows behind: where the meeting was suspended, and where the server was down.
function backdrop({ ctx, width, height }) {
  for (const [of, , since, until] of run.meeting) {
    if (of === "suspended") bar(ctx, width, since, until, 0, height, colour("veil"));
    if (of === "server") bar(ctx, width, since, until, 0, height, hatch(ctx, "down"));
  }
}

const SHAPES = {
  came: (ctx, x, y, r) => polygon(ctx, [x, y - r], [x + r, y + r * 0.8], [x - r, y + r * 0.8]),
  gone: (ctx, x, y, r) => polygon(ctx, [x, y + r], [x + r, y - r * 0.8], [x - r, y - r * 0.8]),
  waits: (ctx, x, y, r) => polygon(ctx, [x - r * 0.8, y - r], [x + r, y], [x - r * 0.8, y + r]),
  out: cross,
  refused: ring,
  control: (ctx, x, y, r) => ctx.fillRect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  rule: (ctx, x, y, r) => polygon(ctx, [x, y - r * 1.2], [x + r * 1.1, y], [x, y + r * 1.2], [x - r * 1.1, y]),
  talk: (ctx, x, y, r) => ctx.fillRect(x - 0.75, y - r, 1.5, r * 2),
  report: (ctx, x, y, r) => {
    ctx.fillRect(x - r * 0.7, y - r, 1.5, r * 2.1);
    polygon(ctx, [x - r * 0.7, y - r], [x + r, y - r * 0.35], [x - r * 0.7, y + r * 0.3]);
  },
  world: disc,
  wire: (ctx, x, y) => disc(ctx, x, y, 1.6),
};
function polygon(ctx, ...points) {
  ctx.beginPath();
  points.forEach(([x, y]) => ctx.lineTo(x, y));
  ctx.closePath();
  ctx.fill();
}
function cross(ctx, x, y, r) {
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (const way of [1, -1]) {
    ctx.moveTo(x - r * 0.85, y - r * 0.85 * way);
    ctx.lineTo(x + r * 0.85, y + r * 0.85 * way);
  }
  ctx.stroke();
}
function ring(ctx, x, y, r) {
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  ctx.arc(x, y, r * 0.8, 0, 7);
  ctx.stroke();
}
function disc(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.fill();
}
function glyph(ctx, category, x, y, r) {
  ctx.fillStyle = ctx.strokeStyle = colourOf(category);
  SHAPES[category](ctx, x, y, r);
}
function halo(ctx, x, y, r, name) {
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.stroke();
}

// The glyphs of a lane; of those that would lie on each other one is enough. `row` puts each at a height.
function glyphs({ ctx, width }, list, r, row) {
  const last = {};
  const marked = [];
  for (let i = firstFrom(list, atOf(-10, width)); i < list.length && list[i].at <= atOf(width + 10, width); i += 1) {
    const moment = list[i];
    const x = xOf(moment.at, width);
    if (moment === chosen.moment || witnessOf.has(moment.n)) marked.push([moment, x]);
    const key = `${moment.category}${row(moment)}`;
    if (x - (last[key] ?? -99) < (moment.category === "talk" ? 1.5 : 3)) continue;
    if (moment.category === "report" && x - (last[`out${row(moment)}`] ?? -99) < 4) continue;
    last[key] = x;
    glyph(ctx, moment.category, x, row(moment), moment.category === "talk" ? r * 0.8 : r);
  }
  for (const [moment, x] of marked) {
    glyph(ctx, moment.category, x, row(moment), r);
    if (witnessOf.has(moment.n)) halo(ctx, x, row(moment), r + 3, witnessOf.get(moment.n).some(isBad) ? "fail" : "pass");
    if (moment === chosen.moment) halo(ctx, x, row(moment), r + 5.5, "focus");
  }
}

// A group as a density: those inside below, those waiting on top of them, those who acted as a profile within.
function band(area, group) {
  const { ctx, width, height } = area;
  const top = 8;
  const floor = height - 15;
  const most = Math.max(1, group.most);
  const scale = (floor - top) / most;
  const tone = group.disruptive ? "offend" : "inside";
  ctx.strokeStyle = colour("line");
  ctx.lineWidth = 1;
  ctx.strokeRect(-1, top + 0.5, width + 2, 0);
  stack(area, (at) => valueAt(group.inside_steps, at), () => 0, floor, scale, faded(tone, 0.38));
  stack(
    area,
    (at) => valueAt(group.waiting_steps, at) + valueAt(group.early_steps, at),
    (at) => valueAt(group.inside_steps, at),
    floor,
    scale,
    hatch(ctx, "waiting"),
  );
  outline(area, group, floor, scale, tone);
  profile(area, group, floor, scale);
  ctx.fillStyle = colour("soft");
  ctx.fillText(String(group.most), 4, top + 7);
}
function stack({ ctx, width }, value, base, floor, scale, paint) {
  ctx.fillStyle = paint;
  for (let x = 0; x < width; x += 1) {
    const at = atOf(x + 0.5, width);
    const high = value(at);
    if (high > 0) ctx.fillRect(x, floor - (base(at) + high) * scale, 1, high * scale);
  }
}
function outline({ ctx, width }, group, floor, scale, tone) {
  ctx.strokeStyle = colour(tone);
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  for (let x = 0; x <= width; x += 1) {
    const y = floor - valueAt(group.inside_steps, atOf(x, width)) * scale;
    if (x) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
  }
  ctx.stroke();
}
function profile({ ctx, width }, group, floor, scale) {
  if (!group.acting.length) return;
  ctx.fillStyle = colour(group.disruptive ? "offending" : "acting");
  const first = Math.max(0, Math.floor(view.from / run.bucket));
  const size = Math.max(1, (run.bucket / (view.to - view.from)) * width);
  for (let i = first; i < group.acting.length && i * run.bucket <= view.to; i += 1) {
    const high = group.acting[i] * scale;
    if (high) ctx.fillRect(xOf(i * run.bucket, width), floor - Math.max(1.5, high), Math.max(1, size - 0.5), Math.max(1.5, high));
  }
}
// Two thin rows below a band: where somebody of the group was removed, and where somebody was refused.
function embers({ ctx, width, height }, list) {
  const count = { out: new Uint16Array(width), refused: new Uint16Array(width) };
  for (let i = firstFrom(list, view.from); i < list.length && list[i].at <= view.to; i += 1) {
    const x = Math.min(width - 1, Math.max(0, Math.floor(xOf(list[i].at, width))));
    if (count[list[i].category]) count[list[i].category][x] += 1;
  }
  for (const [category, top] of [["out", height - 13], ["refused", height - 7]]) {
    ctx.fillStyle = colourOf(category);
    count[category].forEach((many, x) => {
      if (many) ctx.globalAlpha = Math.min(1, 0.45 + many * 0.15);
      if (many) ctx.fillRect(x - 0.5, top, 2, 5);
    });
  }
  ctx.globalAlpha = 1;
}
