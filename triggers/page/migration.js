// The list of migrations, and the head of one: how far, what it waits for, commands for the whole of it, concerns, events.

import { all, get, of, post } from "./api.js";
import { papers } from "./archive.js";
import { ask, giveUp } from "./dialogs.js";
import { el } from "./dom.js";
import { bar, counts, fault, many, moment, NONE, pill, time } from "./wording.js";

const MOST_EVENTS = 100;

export async function migrations() {
  return (await get("migrations?top=200&ended=false")).value;
}
export const migrationsView = (rows) => [el("h1", {}, "Migrations"),
  el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Migrations" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Migration", "Status", "Phase", "Machines", "Started", "By", "Waits for"].map((each) => el("th", { scope: "col" }, each)))),
    el("tbody", {}, rows.map((row) => el("tr", { key: row.id }, el("td", {}, el("a", { href: "#/m/" + encodeURIComponent(row.id) }, row.id)), el("td", {}, pill(row.outcome || row.status)),
      el("td", {}, row.phase || NONE), el("td", {}, String(row.machines)), el("td", {}, time(row.startedAt)), el("td", {}, row.startedBy || NONE), el("td", {}, row.waitingFor || NONE)))))),
  rows.length ? null : el("p", {}, "No migration is under way."),
  el("p", {}, el("a", { class: "button", href: "#/plan" }, "New migration…"), " ", el("a", { href: "#/archive" }, "Archive of those that ended"))];

export const loadMigration = (id) => Promise.all([get(of(id)), all(of(id) + "/machines"), listen(id)]);

let heard = "", events = new Map(), token = "";
async function listen(id) {
  if (heard !== id) { heard = id; events = new Map(); token = ""; }
  for (let link = `${of(id)}/events?top=1000` + (token ? "&token=" + encodeURIComponent(token) : ""); link;) {
    const page = await get(link);
    if (heard !== id) return [];
    for (const event of page.value) events.set(event.id, event);
    token = page.token || token;
    link = page.nextLink;
  }
  return [...events.values()].sort((a, b) => a.id < b.id ? 1 : -1);
}

const able = (row) => !["Finalized", "Decommissioned", "RolledBack", "Cancelled"].includes(row.state);
export const mayRollBack = (row) => able(row) && row.state !== "NotReady";
export const mayCancel = (row) => able(row) && row.state !== "CutOver";
export const mayRetry = (row) => ["Failed", "RolledBack", "Cancelled"].includes(row.state) || (row.state === "Finalized" && Boolean(row.problem));
const namesOf = (rows) => rows.map((each) => each.name);

export function head(row, machines) {
  const running = row.status !== "Ended";
  const verb = (name, title, text) => el("button", { onclick: () => ask({ title, text, act: (comment) => post(row.id, name, { comment }) }) }, title);
  const back = machines.filter((each) => mayRollBack(each) && each.serving !== "source"), forth = machines.filter(mayCancel);
  return el("section", { class: "head", key: "head" },
    el("h1", {}, row.id, " ", pill(row.outcome || row.status)),
    el("p", { class: "mute" }, `${row.road || row.scenario}; started ${moment(row.startedAt)} by ${row.startedBy || "somebody"}${row.endedAt ? "; ended " + moment(row.endedAt) : ""}`),
    el("p", {}, bar(row.percent, "the whole migration"), " ", counts(row.counts) || many(row.machines, "machine"), row.phase && running ? `; phase ${row.phase}` : ""),
    (row.attention || []).map((each) => el("p", { class: "bad" }, el("strong", {}, each))),
    row.waitingFor ? el("div", { class: "card" }, el("p", {}, row.waitingFor), row.release && el("p", {}, el("code", {}, row.release))) : null,
    fault(row.problem), concernsOf(row.id, row.concerns, "of the plan"),
    el("div", { class: "row" },
      running && row.status !== "Paused" && verb("pause", "Pause", "Machines hold where it is safe to stay; replication runs on."),
      running && verb("resume", "Resume", "Held machines go on."),
      machines.some(mayRetry) && verb("retry", "Retry failed", "Failed machines go on from where they failed."),
      running && el("a", { class: "button", href: "#/plan/" + encodeURIComponent(row.id) }, "Change the plan…")),
    papers(row.id),
    running || back.length ? el("details", { class: "apart" }, el("summary", {}, "Roll back or cancel the whole migration"),
      el("div", { class: "row" },
        back.length > 0 && el("button", { class: "danger", onclick: () => giveUp(row.id, "rollback", namesOf(back)) }, `Roll back ${many(back.length, "machine")} that left the source…`),
        running && forth.length > 0 && el("button", { class: "danger", onclick: () => giveUp(row.id, "cancel", namesOf(forth)) }, `Cancel ${many(forth.length, "machine")}…`))) : null);
}

export function concernsOf(id, found, whose) {
  if (!found || !found.length) return null;
  return el("details", { class: "concerns" }, el("summary", {}, `${many(found.length, "concern")} ${whose}`), found.map((each) => concern(id, each)));
}
function concern(id, each) {
  const text = [each.evidence || each.title, each.advice].filter(Boolean).join(". ");
  const accept = () => ask({ title: `Acknowledge ${each.id}`, text: `${each.title}. ${text}`, label: "Why is it acceptable?", needsComment: true, go: "Acknowledge",
    act: (reason) => post(id, "acknowledge", { concern: each.id, machine: each.machine || "*", reason }) });
  return el("p", {}, pill(each.category), " ", el("strong", {}, each.id), ` ${each.evidence || each.title || ""} `, each.advice && el("span", { class: "mute" }, each.advice + " "),
    each.acknowledgedBy ? `(acknowledged by ${each.acknowledgedBy}: ${each.acknowledgedReason})` : each.acknowledgeable && el("button", { class: "small", onclick: accept }, "Acknowledge…"));
}

export const eventsView = (list) => el("section", { key: "events" }, el("h2", {}, `Events (${list.length})`),
  el("ol", { class: "events", tabindex: 0, "aria-label": "Events, the newest first" }, list.slice(0, MOST_EVENTS).map((each) => el("li", { key: each.id },
    el("span", { class: "mute" }, time(each.at)), el("span", {}, [each.wave, each.machine].filter(Boolean).join(" ") || NONE),
    el("span", {}, each.text || each.what, each.by && !(each.text || "").includes(each.by) && el("span", { class: "mute" }, ` by ${each.by}`))))));
