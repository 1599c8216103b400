// Puts the page together.

function foot() {
  const { run: it } = run;
  const left = run.left_out.map((said) => el("p", {}, `Left out of this page: ${said}. trace.jsonl has everything.`));
  const lacking = Object.entries(it.lacking).map(([what, why]) => el("p", {}, "The target could not: ", bdi(what), " (", bdi(why), ")"));
  byId("foot").replaceChildren(
    ...lacking,
    ...left,
    el("p", { class: "mono" }, `digest ${it.digest}`),
    el("p", {}, `meetingsim ${it.meetingsim}, language ${it.language}, ${plural(it.facts, "fact")}. Beside this page: trace.jsonl, summary.json, scenario.resolved.yaml, junit.xml.`),
  );
}
function restyle() {
  colours.clear();
  hatches.clear();
  tellDetail();
  redraw();
}
byId("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (document.documentElement.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  restyle();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
// On paper every lane is drawn, seen or not, what is folded is open, and all in the colours of paper.
let screen = null;
window.addEventListener("beforeprint", () => {
  screen = { theme: document.documentElement.dataset.theme, closed: [...document.querySelectorAll("details:not([open])")] };
  document.documentElement.dataset.theme = "light";
  screen.closed.forEach((one) => (one.open = true));
  restyle();
  rows.forEach(paint);
});
window.addEventListener("afterprint", () => {
  if (screen.theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = screen.theme;
  screen.closed.forEach((one) => (one.open = false));
  restyle();
});
new ResizeObserver(redraw).observe(lanes);

function follow() {
  const found = /^#n(\d+)$/.exec(location.hash);
  const moment = found && momentOf.get(Number(found[1]));
  if (moment) lead(moment, (witnessOf.get(moment.n) || [])[0]);
  const place = /^#check-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (place && place.closest("details")) place.closest("details").open = true;
  if (place) place.scrollIntoView();
}
window.addEventListener("hashchange", follow);

head();
listChecks();
listMeasures();
listGroups();
build();
tellDetail();
listJournal();
foot();
redraw();
follow();
