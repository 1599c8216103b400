// The verdict, every check with its witnesses, the figures.

const SAID = { fail: "failed", undecided: "undecided", vacuous: "vacuous", skipped: "skipped", pass: "passed" };

function head() {
  const { run: it } = run;
  document.title = `${it.name}: ${it.verdict}`;
  byId("name").textContent = it.name;
  byId("summary").textContent = it.summary || "";
  const parts = [it.file, `seed ${it.seed}`, `${it.clock} clock`, length(it.duration), it.target];
  byId("crumbs").replaceChildren(...parts.filter(Boolean).flatMap((part, i) => (i ? [" · ", bdi(part)] : [bdi(part)])));
  const counts = Object.keys(SAID).map((verdict) => [verdict, checks.filter((check) => check.verdict === verdict).length]);
  const portions = el("div", { class: "portions", "aria-hidden": "true" });
  for (const [verdict, count] of counts.filter(([, many]) => many)) {
    const part = el("i", { class: verdict });
    part.style.cssText = `flex:${count};background:var(--tone)`;
    portions.append(part);
  }
  const failed = it.exit !== 0;
  const line = el("strong", {}, checks.length ? verdictWord(it.exit) : "Nothing was checked");
  line.style.color = `var(--${failed ? (it.exit === 4 ? "hollow" : "fail") : "pass"})`;
  byId("verdict").replaceChildren(line, portions, el("small", {}, `${it.verdict} · exit code ${it.exit}`));
  if (it.broke) byId("head").append(el("p", { class: "broke", role: "alert" }, el("b", {}, "The run broke before its end: "), bdi(it.broke)));
}
function verdictWord(code) {
  const bad = checks.filter((check) => check.verdict === "fail").length;
  if (code === 5) return "The run broke";
  if (code === 4) return "Not everything was shown";
  return code ? `${bad} of ${plural(checks.length, "check")} failed` : "Everything held";
}

function listChecks() {
  const open = checks.filter((check) => check.verdict === "fail" || !check.green);
  const held = checks.filter((check) => check.verdict === "pass");
  const rest = checks.filter((check) => check.green && check.verdict !== "pass" && check.verdict !== "fail");
  byId("checks").replaceChildren(
    ...open.map(card),
    ...(checks.length ? [] : [el("p", { class: "empty" }, "The scenario expects nothing, and no invariant was judged.")]),
    ...(open.length || !checks.length ? [] : [el("p", { class: "empty" }, held.length ? "Nothing failed, and nothing was vacuous." : "Nothing could be judged.")]),
    ...folded(rest, "skipped", "without effect", false),
    ...folded(held, "pass", "passed", !open.length),
  );
  if (open.length < 4) byId("wide").append(byId("crowd")); // where there is room
}
function card(check) {
  const where = check.line && run.run.file ? `${run.run.file.split("/").pop()}:${check.line}` : check.kind;
  return el(
    "article",
    { class: `check ${check.verdict}`, id: `check-${checks.indexOf(check)}`, tabindex: "-1" },
    el("h3", {}, el("span", { class: "tag" }, SAID[check.verdict]), bdi(check.id), oracles(check), el("span", { class: "where" }, where)),
    check.said && el("p", { class: "said" }, bdi(check.said)),
    check.words.length > 0 && el("dl", { class: "words" }, check.words.map(([word, said]) => [el("dt", {}, word), el("dd", {}, bdi(said))])),
    check.witnesses.length > 0 && el("p", { class: "witnesses" }, check.witnesses.slice(0, 6).map((n, i) => witness(check, n, i)), more(check)),
  );
}
function more(check) {
  const left = check.more + Math.max(0, check.witnesses.length - 6);
  return left > 0 && el("span", { class: "soft" }, `and ${left.toLocaleString("en")} more`);
}
function witness(check, n, place) {
  const moment = momentOf.get(n);
  if (!moment) return el("span", { class: "soft" }, `fact ${n}`);
  const follow = (event) => {
    event.preventDefault();
    lead(moment, check);
  };
  return el(
    "a",
    { class: "witness", href: `#n${n}`, onclick: follow },
    el("span", { class: "mono soft" }, clock(moment.at)),
    el("span", {}, el("b", {}, title(moment)), " ", bdi(whose(moment))),
    place === 0 && el("span", { class: "go", "aria-hidden": "true" }, "→"),
  );
}
// Brings the eye to a witness: its person gets a lane, the time is that of all the check's witnesses.
function lead(moment, check) {
  const times = (check ? check.witnesses : []).map((n) => momentOf.get(n)).filter(Boolean).map((one) => one.at);
  const from = Math.min(moment.at, ...times);
  const to = Math.max(moment.at, ...times);
  const room = Math.max(5_000, (to - from) * 0.25);
  show(from - room, to + room);
  if (moment.who >= 0 && !hostly(people[moment.who].group)) pinned.add(moment.who);
  build();
  current = Math.max(1, rows.findIndex((one) => one.person !== undefined && one.person === moment.who));
  mark();
  choose(moment);
  byId("timeline").scrollIntoView({ block: "start" });
  lanes.focus({ preventScroll: true });
}
function oracles(check) {
  return check.oracle.length > 0 && el("span", { class: "oracle", title: `Rests on what no host knows: ${check.oracle.join(", ")}` }, "oracle");
}
function folded(list, tone, said, open) {
  if (!list.length) return [];
  const line = (check) =>
    el("li", { class: check.verdict, id: `check-${checks.indexOf(check)}` }, el("span", { class: "tag" }, check.verdict === "pass" ? "✓" : "–"), bdi(check.id), oracles(check), el("span", {}, check.verdict === "pass" ? tested(check) : bdi(check.said)));
  return [el("details", { class: `quietly ${tone}`, open }, el("summary", {}, `${list.length} ${said}`), el("ul", { class: "plainly" }, list.map(line)))];
}
function tested(check) {
  return check.tested ? plural(check.tested, check.kind === "invariant" ? "fact" : "window") : check.kind;
}

function listMeasures() {
  const line = (measure) =>
    el(
      "div",
      { class: `measure ${measure.verdict || ""}` },
      el("span", {}, bdi(measure.id.replaceAll("_", " ")), " ", oracles(measure)),
      el("span", { class: "value" }, measure.value),
      el("span", { class: "note" }, [measure.limit && `should be ${measure.limit}`, measure.said].filter(Boolean).join(" · ")),
    );
  const rules = Object.entries(run.run.oracles).map(([rule, what]) => el("li", {}, bdi(rule), ": ", bdi(what)));
  byId("measures").replaceChildren(
    ...(run.measures.length ? run.measures.map(line) : [el("p", { class: "empty" }, "Nothing was measured.")]),
    ...(rules.length ? [el("div", { class: "measure note" }, el("p", {}, el("span", { class: "oracle" }, "oracle"), " rests on a rule that uses what no host knows:"), el("ul", { class: "rules" }, rules))] : []),
  );
}

function listGroups() {
  const number = (count) => el("td", { class: count ? "" : "zero" }, count.toLocaleString("en"));
  const line = (group) => {
    const dot = el("span", { class: "dot" });
    dot.style.background = HOSTS.has(group.role) ? "var(--control)" : `var(--${group.disruptive ? "offend" : "inside"})`;
    const codes = Object.entries(group.refused).sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count.toLocaleString("en")}`);
    const shown = codes.length > 3 ? [...codes.slice(0, 3), "…"] : codes;
    return el("tr", {}, el("td", {}, dot, bdi(group.name)), [group.people, group.waiting, group.inside, group.removed + group.denied].map(number), el("td", { class: `codes ${codes.length ? "" : "zero"}`, title: codes.join(", ") }, shown.length ? shown.map((code, i) => [i ? el("br") : "", code]) : "0"));
  };
  const heads = ["group", "people", "waited", "came in", "put out", "refused"];
  byId("groups").replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, groups.map(line))));
}
