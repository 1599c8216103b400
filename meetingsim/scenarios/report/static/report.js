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
// On paper every lane is drawn, seen or not, in the colours of paper.
let beforePaper = null;
window.addEventListener("beforeprint", () => {
  beforePaper = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  colours.clear();
  hatches.clear();
  rows.forEach(paint);
});
window.addEventListener("afterprint", () => {
  if (beforePaper === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = beforePaper;
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
