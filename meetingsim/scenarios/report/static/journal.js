// Every moment of the page as a list that can be searched.

const PAGE = 200;
const wanted = { text: "", categories: new Set(), most: PAGE };
const words = new Map();

function wordsOf(moment) {
  if (!words.has(moment.n)) {
    const person = moment.who >= 0 ? `${people[moment.who].ref} ${(people[moment.who].names || []).join(" ")}` : "";
    words.set(moment.n, `${moment.kind} ${title(moment)} ${person} ${JSON.stringify(fieldsOf(moment) || "")}`.toLowerCase());
  }
  return words.get(moment.n);
}
function listJournal() {
  const list = el("ol", { class: "rows" });
  const count = el("p", { class: "count", role: "status" });
  const find = el("input", { type: "search", placeholder: "Search: removed, raiders[3], region_blocked …", "aria-label": "Search events", oninput: () => update({ text: find.value.trim().toLowerCase() }) });
  const update = (change = {}) => {
    Object.assign(wanted, { most: PAGE }, change);
    fill(list, count, update);
  };
  const present = Object.keys(CATEGORIES).filter((name) => moments.some((moment) => moment.category === name));
  const filters = present.map((name) => {
    const swatch = el("i");
    swatch.style.background = `var(--${CATEGORIES[name].colour || name})`;
    const toggle = (event) => {
      if (!wanted.categories.delete(name)) wanted.categories.add(name);
      event.currentTarget.setAttribute("aria-pressed", String(wanted.categories.has(name)));
      update();
    };
    return el("button", { type: "button", "aria-pressed": "false", title: CATEGORIES[name].said, onclick: toggle }, swatch, name);
  });
  byId("journal").replaceChildren(el("div", { class: "find", role: "search" }, find, filters), list, count);
  update();
}
function fill(list, count, update) {
  const found = moments.filter((moment) => (!wanted.categories.size || wanted.categories.has(moment.category)) && (!wanted.text || wordsOf(moment).includes(wanted.text)));
  const shown = found.slice(0, wanted.most);
  list.replaceChildren(...shown.map(journalLine));
  const more = found.length > shown.length && el("button", { class: "ref", type: "button", onclick: () => update({ most: wanted.most + PAGE * 5 }) }, "show more");
  count.replaceChildren(found.length ? `${shown.length.toLocaleString("en")} of ${plural(found.length, "event")} ` : "Nothing like that happened. ", more || "");
}
function journalLine(moment) {
  const swatch = el("i");
  swatch.style.background = `var(--${CATEGORIES[moment.category].colour || moment.category})`;
  const go = () => {
    lead(moment, null);
  };
  return el("li", {}, el("button", { type: "button", onclick: go }, el("time", {}, clock(moment.at)), swatch, el("span", { class: "cut" }, title(moment)), el("span", { class: "cut" }, bdi(whose(moment))), el("span", { class: "text" }, bdi(gist(moment)))));
}
