// A wave or an application by itself: counts by state, its gates, window, outage and what it waits for. Nothing is asked
// for it: the page has all of it.

import { now } from "./api.js";
import { el } from "./dom.js";
import { counts, many, moment, since, some, span, time } from "./wording.js";

const AFTER = ["CuttingOver", "CutOver", "Finalized", "Decommissioned", "RolledBack", "Cancelled"];
const MOST = 8;

/** What waits for one thing stands together, those that stopped first. */
function waits(rows) {
  const found = new Map();
  for (const row of rows) {
    const text = row.problem ? row.problem.title : row.waitingFor;
    if (text) found.set(text, [...(found.get(text) || []), row]);
  }
  return [...found].sort(([, a], [, b]) => Number(Boolean(b[0].problem)) - Number(Boolean(a[0].problem)) || b.length - a.length);
}

function opening(rows, times) {
  const names = new Set(rows.filter((row) => !AFTER.includes(row.state)).map((row) => row.wave)), applications = new Set(rows.map((row) => row.application));
  const windows = ((times || {}).waves || []).filter((wave) => names.has(wave.wave)).flatMap((wave) => wave.windows || [])
    .filter((each) => Date.parse(each.closesAt) > now() && (!each.whose || each.whose === `application ${[...applications][0]}` || rows.some((row) => each.whose === `machine ${row.name}`)));
  return windows.sort((a, b) => a.opensAt < b.opensAt ? -1 : 1)[0];
}

export function groupView(kind, name, { row, machines, times }) {
  const own = machines.filter((each) => each[kind] === name), names = new Set(own.map((each) => each.name));
  if (!name || !own.length) return null;
  const down = own.filter((each) => each.serving === "nowhere" && each.outageSeconds !== undefined).sort((a, b) => b.outageSeconds - a.outageSeconds);
  const gates = (row.gates || []).filter((gate) => (gate.pending || []).some((each) => names.has(each)) || names.has(gate.machine) || (kind === "wave" && gate.wave === name && !(gate.pending || []).length));
  const next = opening(own, times), worst = Math.max(...own.map((each) => each.downtimeSeconds ?? -1));
  const wave = kind === "wave" && (row.waves || []).find((each) => each.wave === name);
  const facts = [
    ["Machines", counts(Object.fromEntries([...own.reduce((all, each) => all.set(each.state, (all.get(each.state) || 0) + 1), new Map())]))],
    kind === "application" && ["Waves", [...new Set(own.map((each) => each.wave))].join(", ")],
    wave && (wave.dependsOn || []).length > 0 && ["After", wave.dependsOn.join(", ")],
    ["Gates", gates.length ? gates.map((gate) => `${gate.name}: ${many((gate.pending || []).filter((each) => names.has(each)).length || 1, "machine")} since ${moment(gate.since)}${gate.expires ? `, until ${moment(gate.expires)}, then ${gate.then}` : ""}`).join("; ") : "none is open"],
    next && ["Window", [time(next.opensAt, next.timeZone), " until ", time(next.closesAt, next.timeZone), next.capacity ? `; ${next.taken || 0} of ${next.capacity} places taken` : ""]],
    down.length > 0 && ["Down", el("span", { class: "bad" }, `${some(down.map((each) => `${each.name} for ${span(each.outageSeconds)}`), 4)}`)],
    worst >= 0 && ["Longest downtime", span(worst)],
  ];
  return el("section", { key: `group-${kind}`, class: "part", "aria-label": `${kind} ${name}` }, el("h2", {}, `${kind === "wave" ? "Wave" : "Application"} ${name}`, wave ? ` · ${wave.state}` : ""),
    el("dl", {}, facts.filter(Boolean).map(([title, value]) => [el("dt", {}, title), el("dd", {}, value)])),
    el("ul", { class: "waiting" }, waits(own).slice(0, MOST).map(([text, rows]) => el("li", { key: text, class: rows[0].problem ? "bad" : null }, el("strong", {}, many(rows.length, "machine")), `: ${text}. `, el("span", { class: "mute" }, `${some(rows.map((each) => each.name), 4)}; the first for ${since(rows.map((each) => each.since).sort()[0], now())}`)))));
}
