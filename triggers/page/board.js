// The board: waves as cards, each machine a line; filtered, sorted, failures first and grouped by cause. Only the lines
// that are in sight are drawn, so that a thousand machines are as quick as ten.

import { now, post } from "./api.js";
import { ask, giveUp } from "./dialogs.js";
import { draw, el } from "./dom.js";
import { groupView } from "./group.js";
import { concernsOf, mayCancel, mayRetry, mayRollBack } from "./migration.js";
import { strip } from "./timeline.js";
import { bar, counts, fault, many, moment, NONE, pill, serving, since, span, time } from "./wording.js";

const OVERSCAN = 6, FEW = 60; // lines: so few are drawn wherever they are
const URGENT = ["Failed", "AwaitingUserAction", "Paused"];
const fresh = () => ({ find: "", state: "", wave: "", application: "", trouble: false, sort: "trouble", open: new Set(), chosen: new Set() });
let of_ = "", view = fresh(), lines = [], heights = new Map(), row_, redraw = () => {};

/** Begin with another migration: filters, opened lines and ticks were of the one before. */
export function reset(id) {
  if (of_ === id) return;
  of_ = id; view = fresh(); heights = new Map(); lines = [];
}

const causeOf = (each) => each.problem ? `${each.problem.title}${each.problem.code ? ` (${each.problem.code})` : ""}` : each.waitingFor || "";
// Machines that wait at a gate of their own, or each with its deadline, wait for the same: their names and times make no other cause.
const kindOf = (each) => (each.problem ? causeOf(each) : causeOf(each).replace(new RegExp(`(?<![\\w-])${each.name.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`, "g"), "each of them").replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d\S*( UTC)?/g, "…"));
const downSince = (each) => ((each.outages || []).find((outage) => !outage.ended) || {}).began;
const inTrouble = (each) => each.serving === "nowhere" || URGENT.includes(each.state) || Boolean(each.unfit) || Boolean(each.problem);
const urgency = (each) => each.serving === "nowhere" && each.state !== "NotReady" ? 0 : each.state === "Failed" ? 1 : each.state === "AwaitingUserAction" ? 2 : each.state === "Paused" ? 3 : each.unfit || each.problem ? 4 : 5;
const SORTS = {
  trouble: ["problems first", (a, b) => urgency(a) - urgency(b) || (urgency(a) < 4 ? causeOf(a).localeCompare(causeOf(b)) : 0)],
  name: ["name", () => 0],
  wave: ["wave", (a, b) => (a.wave || "").localeCompare(b.wave || "")],
  state: ["state", (a, b) => a.state.localeCompare(b.state)],
  percent: ["progress", (a, b) => (a.percent ?? 101) - (b.percent ?? 101)],
  lag: ["lag", (a, b) => (b.lagSeconds ?? -1) - (a.lagSeconds ?? -1)],
  eta: ["ETA", (a, b) => (a.eta || "9").localeCompare(b.eta || "9")],
};

function chosenOf(machines) {
  const find = view.find.toLowerCase();
  const found = machines.filter((each) => (!view.state || each.state === view.state) && (!view.wave || each.wave === view.wave) && (!view.application || each.application === view.application)
    && (!view.trouble || inTrouble(each)) && (!find || [each.name, each.application, each.wave, each.phase, each.state, each.privateIp, causeOf(each)].some((text) => (text || "").toLowerCase().includes(find))));
  return found.sort((a, b) => SORTS[view.sort][1](a, b) || a.name.localeCompare(b.name));
}

/** Failures of one cause stand together below a line that counts them. */
function grouped(found) {
  if (view.sort !== "trouble") return found.map((row) => ({ key: "m-" + row.name, row }));
  const groups = new Map();
  for (const row of found) {
    const level = urgency(row), key = level < 4 ? `${level === 0 ? "Serves nowhere" : row.state}: ${kindOf(row)}` : "";
    groups.set(key, [...(groups.get(key) || []), row]);
  }
  return [...groups].flatMap(([key, rows]) => [...(key ? [{ key: "g-" + key, text: rows.length > 1 ? key : `${key.split(":")[0]}: ${causeOf(rows[0])}`, rows }] : groups.size > 1 ? [{ key: "g-", text: "On their way, or through", rows }] : []), ...rows.map((row) => ({ key: "m-" + row.name, row }))]);
}

const options = (name, label, values, look) => el("label", {}, label + " ", el("select", { name, onchange: (event) => { view[name] = event.target.value; look(true); } },
  name === "sort" ? null : el("option", { value: "" }, "all"), values.map(([value, text]) => el("option", { value, selected: view[name] === value }, text))));
const distinct = (machines, name) => [...new Set(machines.map((each) => each[name]).filter(Boolean))].sort().map((each) => [each, each]);

export function wavesView(row, look) {
  return el("section", { key: "waves" }, el("h2", {}, "Waves"), el("div", { class: "waves" }, row.waves.map((wave) => el("article", { class: "wave" + (view.wave === wave.wave ? " on" : ""), key: wave.wave, "aria-label": "wave " + wave.wave },
    el("h3", {}, el("button", { class: "plain", "aria-pressed": String(view.wave === wave.wave), onclick: () => { view.wave = view.wave === wave.wave ? "" : wave.wave; look(true); } }, wave.wave), " ", pill(wave.state)),
    el("p", {}, bar(wave.percent, "wave " + wave.wave)),
    el("p", { class: "mute" }, counts(wave.counts) || many(wave.machines, "machine")),
    (wave.dependsOn || []).length ? el("p", { class: "mute" }, "after " + wave.dependsOn.join(", ")) : null,
    wave.road && wave.road !== row.road ? el("p", { class: "mute" }, wave.road) : null,
    wave.counts && wave.counts.ReadyForCutover ? el("button", { class: "small", onclick: () => cutOver(row.id, wave.wave) }, "Cut over now…") : null))));
}
/** The wave and the application that the board is narrowed to, by themselves. */
export const groupsView = (whole) => [groupView("wave", view.wave, whole), groupView("application", view.application, whole)];
const cutOver = (id, wave, machines = []) => ask({ title: "Cut over now", text: `Begins the cutover of wave ${wave} without waiting for its approval or window: sources are shut down.`, machines, act: (comment) => post(id, "cutover", { wave, machines, comment }) });

export function boardView(row, machines, look) {
  const found = chosenOf(machines);
  row_ = row; redraw = look; lines = grouped(found);
  const names = new Set(machines.map((each) => each.name));
  for (const name of view.chosen) if (!names.has(name)) view.chosen.delete(name);
  const all = found.length > 0 && found.every((each) => view.chosen.has(each.name));
  const every = () => { for (const each of found) all ? view.chosen.delete(each.name) : view.chosen.add(each.name); look(true); };
  const text = (event) => { view.find = event.target.value; look(true); };
  const section = el("section", { key: "board" }, el("h2", {}, `Machines (${found.length === machines.length ? found.length : `${found.length} of ${machines.length}`})`),
    el("div", { class: "row filters", role: "search" }, el("label", {}, "Search ", el("input", { type: "search", id: "find", oninput: text })),
      options("state", "State", distinct(machines, "state"), look), options("wave", "Wave", distinct(machines, "wave"), look), options("application", "Application", distinct(machines, "application"), look),
      options("sort", "Sort by", Object.entries(SORTS).map(([key, [label]]) => [key, label]), look),
      el("label", { class: "tick" }, el("input", { type: "checkbox", set: { checked: view.trouble }, onchange: (event) => { view.trouble = event.target.checked; look(true); } }), " problems only"),
      el("label", { class: "tick" }, el("input", { type: "checkbox", set: { checked: all }, onchange: every }), ` choose all ${found.length}`)),
    bulk(row, machines, look),
    el("div", { id: "list", role: "table", "aria-label": "Machines", "aria-rowcount": lines.length + 1 },
      el("div", { role: "row", class: "line heads", "aria-rowindex": 1 }, ["", "Machine", "State and phase", "Replication", "Serves", "Waits for"].map((each) => el("span", { role: "columnheader" }, each || el("span", { class: "unseen" }, "Choose")))),
      el("div", { id: "window", role: "none", set: { frozen: true } })));
  requestAnimationFrame(() => scrolled(true));
  return section;
}

function bulk(row, machines, look) {
  const picked = machines.filter((each) => view.chosen.has(each.name));
  if (!picked.length) return null;
  const names = (rows) => rows.map((each) => each.name);
  const verb = (name, title, text, rows) => rows.length > 0 && el("button", { onclick: () => ask({ title, text, machines: names(rows), act: (comment) => post(row.id, name, { comment, machines: names(rows) }) }) }, `${title} ${rows.length}…`);
  const ready = picked.filter((each) => each.state === "ReadyForCutover"), waves = [...new Set(ready.map((each) => each.wave))];
  const back = picked.filter(mayRollBack), off = picked.filter(mayCancel);
  return el("section", { class: "bulk", "aria-label": "What to do with the chosen machines", key: "bulk" },
    el("div", { class: "row" }, el("strong", {}, `${picked.length} chosen`), el("button", { class: "small", onclick: () => { view.chosen.clear(); look(true); } }, "None"),
      verb("retry", "Retry", "They go on from where they failed.", picked.filter(mayRetry)), verb("pause", "Pause", "They hold before their next phase; replication runs on.", picked.filter((each) => !each.pausedBy)),
      verb("resume", "Resume", "They go on.", picked.filter((each) => each.pausedBy)),
      waves.length === 1 && el("button", { onclick: () => cutOver(row.id, waves[0], names(ready)) }, `Cut over ${ready.length} now…`)),
    el("div", { class: "row apart" }, back.length > 0 && el("button", { class: "danger", onclick: () => giveUp(row.id, "rollback", names(back)) }, `Roll back ${back.length}…`),
      off.length > 0 && el("button", { class: "danger", onclick: () => giveUp(row.id, "cancel", names(off)) }, `Cancel ${off.length}…`)));
}

// --- the lines that are in sight ------------------------------------------------------------------
const usual = (line) => (line.row ? (innerWidth < 720 ? 116 : 46) : innerWidth < 720 ? 72 : 40);
const heightOf = (line) => (line.row && view.open.has(line.row.name) && heights.get(line.key)) || usual(line);
let before = "";

export function scrolled(force = false) {
  const place = document.getElementById("window");
  if (!place) { before = ""; return; }
  place.frozen = true;
  const printing = matchMedia("print").matches;
  const top = -place.getBoundingClientRect().top, bottom = top + innerHeight;
  let y = 0, first = lines.length, last = 0, above = 0, below = 0;
  lines.forEach((line, at) => {
    const h = heightOf(line);
    if (printing || lines.length <= FEW || (y + h > top - OVERSCAN * 46 && y < bottom + OVERSCAN * 46)) {
      if (at < first) { first = at; above = y; }
      last = at + 1;
      below = y + h;
    }
    y += h;
  });
  const span_ = `${first}-${last}`;
  if (!force && span_ === before) return;
  before = span_;
  const drawn = lines.slice(first, last).map((line, at) => (line.row ? machineLine(line, first + at) : groupLine(line, first + at)));
  draw(place, el("div", { class: "space", key: "above", set: {} }), drawn, el("div", { class: "space", key: "below" }), lines.length ? null : el("div", { key: "none", role: "row", class: "line group" }, el("span", { role: "cell", class: "mute" }, "No machine fits.")));
  place.firstElementChild.style.height = above + "px";
  place.lastElementChild.style.height = (lines.length ? y - below : 0) + "px";
  for (const node of place.children) if (node.key && view.open.has(node.key.slice(2))) heights.set(node.key, node.offsetHeight);
}
addEventListener("scroll", () => scrolled(), { passive: true });
addEventListener("resize", () => scrolled(true));
addEventListener("beforeprint", () => scrolled(true));

function groupLine(line, at) {
  const failed = line.rows.filter(mayRetry);
  return el("div", { role: "row", class: "line group", key: line.key, "aria-rowindex": at + 2 }, el("span", { role: "cell" }, el("strong", {}, `${many(line.rows.length, "machine")}: ${line.text}`), " ",
    failed.length > 0 && el("button", { class: "small", onclick: () => ask({ title: "Retry", text: line.text, machines: failed.map((each) => each.name), act: (comment) => post(row_.id, "retry", { comment, machines: failed.map((each) => each.name) }) }) }, `Retry ${failed.length}…`)));
}

function machineLine(line, at) {
  const one = line.row, open = view.open.has(one.name);
  const flip = () => { open ? view.open.delete(one.name) : view.open.add(one.name); scrolled(true); requestAnimationFrame(() => scrolled(true)); };
  const tick = (event) => { event.target.checked ? view.chosen.add(one.name) : view.chosen.delete(one.name); redraw(true); };
  const down = one.serving === "nowhere";
  return el("div", { role: "rowgroup", class: "machine" + (open ? " open" : ""), key: line.key },
    el("div", { role: "row", class: "line", "aria-rowindex": at + 2, onkeydown: steps },
      el("span", { role: "cell" }, el("input", { type: "checkbox", "aria-label": "choose " + one.name, set: { checked: view.chosen.has(one.name) }, onchange: tick })),
      el("span", { role: "cell" }, el("button", { class: "plain name", "aria-expanded": String(open), onclick: flip }, one.name), el("small", {}, [one.wave, one.application].filter(Boolean).join(" · "))),
      el("span", { role: "cell" }, pill(one.state), el("small", {}, one.failedIn && one.failedIn !== one.phase ? `${one.phase}, failed in ${one.failedIn}` : one.phase || NONE)),
      el("span", { role: "cell" }, bar(one.percent, "first copy of " + one.name), el("small", {}, one.lagSeconds !== undefined && `lag ${span(one.lagSeconds)}`, one.eta && [one.lagSeconds !== undefined && " · ", el("time", { datetime: one.eta, title: moment(one.eta) }, `ETA ${span((Date.parse(one.eta) - now()) / 1000)}`)], one.health && one.health !== "Normal" && el("span", { class: "bad" }, ` ${one.health}`))),
      el("span", { role: "cell", class: down ? "bad" : "" }, serving(one), el("small", {}, down ? `down for ${since(downSince(one), now())}` : one.downtimeSeconds !== undefined ? `was down ${span(one.downtimeSeconds)}` : "")),
      el("span", { role: "cell", class: "waits" }, one.unfit ? el("span", { class: "bad" }, one.unfit) : one.problem ? el("span", { class: "bad" }, one.problem.title) : one.waitingFor || NONE)),
    open ? el("div", { role: "row", class: "more" }, el("div", { role: "cell" }, details(one))) : null);
}

/** Up and down go from line to line. */
function steps(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.tagName !== "BUTTON") return;
  let next = event.currentTarget.parentElement;
  do next = step > 0 ? next.nextElementSibling : next.previousElementSibling; while (next && !next.classList.contains("machine"));
  const button = next && next.querySelector(".name");
  if (button) { event.preventDefault(); button.focus(); }
}

function details(one) {
  const act = (verb, title, text, more = {}) => el("button", { onclick: () => ask({ title: `${title} ${one.name}`, text, act: (comment) => post(row_.id, verb, { comment, machines: [one.name] }), ...more }) }, title);
  const phase = one.failedIn || one.phase;
  const skip = { needsComment: true, act: (comment) => post(row_.id, "skip", { machine: one.name, phase, comment }) };
  return [
    el("p", {}, one.waitingFor && one.waitingFor !== (one.problem || {}).advice ? `Waits for ${one.waitingFor}. ` : "", `In this state for ${since(one.since, now())}. `, one.pausedBy && `Paused by ${one.pausedBy}.`),
    one.release ? el("p", {}, el("code", {}, one.release)) : null, fault(one.problem), concernsOf(row_.id, (one.concerns || []).map((each) => ({ ...each, machine: each.machine || one.name })), "of this machine"), phasesOf(one), strip(one),
    el("p", { class: "mute" }, [one.privateIp, one.sourceId, one.targetVmId && "in Azure: " + one.targetVmId.split("/").pop()].filter(Boolean).join(" · ")),
    el("div", { class: "row" }, mayRetry(one) && act("retry", "Retry", "It goes on from where it failed."), one.pausedBy ? act("resume", "Resume", "It goes on.") : act("pause", "Pause", "It holds before its next phase; replication runs on."),
      phase && act("skip", `Leave ${phase} out`, "Only some phases can be left out; azferry says which.", skip), one.state === "ReadyForCutover" && el("button", { onclick: () => cutOver(row_.id, one.wave, [one.name]) }, "Cut over now…"),
      el("span", { class: "apart" }, mayRollBack(one) && el("button", { class: "danger", onclick: () => giveUp(row_.id, "rollback", [one.name]) }, "Roll back…"), mayCancel(one) && el("button", { class: "danger", onclick: () => giveUp(row_.id, "cancel", [one.name]) }, "Cancel…")))];
}

const MARKS = { readyForCutover: "ready", quiesced: "quiesced", stopRequested: "source stopping", stopped: "source off", failoverAsked: "failover", failedOver: "in Azure", up: "serves", fenced: "fenced", sourceBack: "source back", rolledBack: "rolled back" };
function phasesOf(one) {
  const marks = Object.entries(one.marks || {}).filter(([name]) => MARKS[name]).sort(([, a], [, b]) => a < b ? -1 : 1);
  const outages = (one.outages || []).map((each) => el("li", {}, "down from ", time(each.began), each.ended ? [" to ", time(each.ended)] : " until now"));
  return marks.length || outages.length ? el("ol", { class: "marks" }, marks.map(([name, at]) => el("li", {}, el("strong", {}, MARKS[name]), " ", time(at))), outages) : null;
}
