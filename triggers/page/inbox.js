// The inbox: each thing that waits for a person as a card, decided in place; and what serves nowhere, before all else.

import { get, now, post } from "./api.js";
import { danger, ask, EFFECTS, giveUp } from "./dialogs.js";
import { el } from "./dom.js";
import { blackoutText, fault, many, moment, pill, since, some, span, time } from "./wording.js";

export const MOST_CARDS = 40; // each is some fifty nodes
const ALIKE = ["decommission", "accept"]; // gates that each machine has for itself, decided together
const MOST_TICKS = 100, BEFORE = ["test", "cutover"];
const choices = new Map(); // card -> what the person unticked, typed and was told: it outlives every update
const VERBS = { approve: ["Approve", "go"], confirm: ["Confirm", "go"], reject: ["Reject", "no"] };

export const inbox = async () => get("inbox");
const keyOf = (item) => [item.kind, item.migration, item.wave, item.name, item.machine, (item.problem || {}).code, item.round].join("/");
function choiceOf(item) {
  const key = keyOf(item);
  if (!choices.has(key)) choices.set(key, { without: new Set(), comment: "", told: "", failed: false, find: "", busy: false });
  return choices.get(key);
}

/** The red banner: how many serve nowhere, the longest outage, the fastest way back. */
export function banner(nowhere = [], only = "") {
  const down = nowhere.filter((each) => !only || each.migration === only);
  if (!down.length) return null;
  const [longest] = down;
  const by = new Map();
  for (const each of down) by.set(each.migration, [...(by.get(each.migration) || []), each]);
  return el("section", { class: "banner", "aria-label": "Machines that serve nowhere", key: "banner" },
    el("p", { role: "status" }, el("strong", {}, `${many(down.length, "machine serves", "machines serve")} nowhere`)),
    el("p", {}, `${longest.name} the longest: for ${since(longest.since, now())}, since ${moment(longest.since)}.`),
    [...by].map(([id, own]) => el("div", { class: "way", key: id },
      el("p", {}, el("a", { href: link(id) }, id), `: ${some(own.map((each) => each.name), 6)}. `, own[0].state === "CuttingOver" ? "The cutover is under way. " : "", own[0].waitingFor),
      el("p", {}, "Fastest way back: ", el("code", {}, own[0].wayBack || "")),
      el("div", { class: "row" }, own.some((each) => each.state === "Failed") && el("button", { onclick: () => retry(id, own) }, "Retry those that failed…"),
        el("button", { class: "danger", onclick: () => giveUp(id, "rollback", own.map((each) => each.name)) }, "Roll back…")))));
}
const retry = (id, own) => {
  const names = own.filter((each) => each.state === "Failed").map((each) => each.name);
  ask({ title: "Retry", text: "They go on from where they failed.", machines: names, act: (comment) => post(id, "retry", { comment, machines: names }) });
};
const link = (id) => "#/m/" + encodeURIComponent(id);

/** Gates of the same name that machines of a migration have each for themselves stand together: one card, ticks, one decision. */
export function together(items = []) {
  const found = new Map();
  for (const item of items) {
    const alike = item.kind === "gate" && item.machine && ALIKE.includes(item.name);
    const key = alike ? [item.migration, item.name, item.then, (item.approvers || []).join()].join("/") : keyOf(item);
    const first = alike && found.get(key);
    found.set(key, first ? { ...first, machine: "", wave: first.wave === item.wave ? item.wave : "", more: (first.more || 1) + 1, machines: [...first.machines, ...item.machines], since: first.since < item.since ? first.since : item.since, replicaGb: (first.replicaGb || 0) + (item.replicaGb || 0) || undefined, sizesUnknown: (first.sizesUnknown || 0) + (item.sizesUnknown || 0), release: "" } : item);
  }
  return [...found.values()];
}

export function inboxView(found, look) {
  const items = together(found.value);
  return [el("h1", {}, "Inbox"),
    el("p", { class: "mute" }, items.length ? `${many(items.length, "thing waits", "things wait")} for people, the most urgent first. Your time zone is ${Intl.DateTimeFormat().resolvedOptions().timeZone}.` : "Nothing waits for a person."),
    el("div", { class: "cards" }, items.slice(0, MOST_CARDS).map((item) => card(item, look))),
    items.length > MOST_CARDS ? el("p", { class: "mute" }, `The most urgent ${MOST_CARDS} of ${items.length} are shown; the others follow as these are decided.`) : null,
    undelivered(found.undelivered)];
}

/** What nobody could be told: each receiver of a migration once, to be sent again or let be. */
function undelivered(messages = []) {
  if (!messages.length) return null;
  const by = new Map();
  for (const each of messages) { const key = `${each.migration} ${each.receiver}`; by.set(key, [...(by.get(key) || []), each]); }
  return el("section", { key: "undelivered" }, el("h2", {}, `Messages that were not delivered (${messages.length})`),
    el("div", { class: "cards" }, [...by].map(([key, own]) => {
      const { migration, receiver, failure, heading, command, since: at } = own[own.length - 1];
      const send = (dismiss) => () => ask({ title: dismiss ? "Let them be" : "Send again", text: `${many(own.length, "message")} to ${receiver}, of ${migration}.`, act: (comment) => post(migration, "resend", { comment, receiver, dismiss }) });
      return el("article", { class: "card", key, "aria-label": `Not delivered to ${receiver}, ${migration}` },
        el("h3", {}, `${many(own.length, "message")} to ${receiver}`),
        el("p", { class: "where" }, el("a", { href: link(migration) }, migration), ` · the last of ${moment(at)}`),
        el("p", { class: "text" }, heading), el("p", { class: "bad" }, failure),
        el("div", { class: "row" }, el("button", { class: "go", onclick: send(false) }, "Send again…"), el("button", { onclick: send(true) }, "Let them be…")),
        el("details", {}, el("summary", {}, "Command"), el("code", {}, command || "")));
    })));
}

export function card(item, look) {
  const machines = item.machines || [], choice = choiceOf(item);
  const title = { gate: `Gate ${item.name}`, failure: (item.problem || {}).title || "Failed", hold: item.name === "paused" ? "Paused" : "Waits for you" }[item.kind];
  const number = item.kind === "failure" ? `${many(machines.length, "machine")}: ` : "";
  return el("article", { class: "card" + (item.kind === "failure" ? " error" : ""), key: keyOf(item), "aria-label": `${title}, ${item.migration}${item.wave ? ", wave " + item.wave : ""}` },
    el("h2", {}, number, title, (item.problem || {}).code && ` (${item.problem.code})`),
    el("p", { class: "where" }, el("a", { href: link(item.migration) }, item.migration), item.wave && [" · wave ", el("strong", {}, item.wave)], item.kind !== "failure" && machines.length ? ` · ${many(machines.length, "machine")}` : ""),
    item.text !== (item.problem || {}).title && el("p", { class: "text" }, item.text, item.more ? ` And so for each of ${many(item.more, "machine")}.` : ""),
    facts(item),
    item.problem ? el("div", {}, item.problem.detail && el("p", {}, item.problem.detail), item.problem.causes && el("p", {}, el("strong", {}, "Possible causes: "), item.problem.causes), item.problem.advice && el("p", {}, el("strong", {}, "What to do: "), item.problem.advice)) : null,
    machines.length ? machinesOf(item, choice, look) : null,
    decide(item, choice, look),
    item.release ? el("details", {}, el("summary", {}, "Command"), el("code", {}, item.release)) : null);
}

function facts(item) {
  const who = [(item.approvers || []).join(" or "), item.fourEyes && `not by ${item.startedBy || "who started it"}`, (item.approvedBy || []).length && `approved by ${item.approvedBy.join(", ")}, another person has to`].filter(Boolean).join("; ");
  const opening = item.opening;
  const rows = [
    ["Waits", `for ${since(item.since, now())}, since ${moment(item.since)}`],
    item.expires && ["Until", [time(item.expires), ` (${span((Date.parse(item.expires) - now()) / 1000)} left), then ${item.then}`]],
    who && ["May decide", who],
    cost(item) && ["Cost of waiting", cost(item)],
    (item.checked || []).length && ["Rehearsal checked", item.checked.map((each) => `${each.checks.join(", ")} (${many(each.machines, "machine")})`).join("; ")],
    item.expectedDowntimeSeconds !== undefined && ["Expected downtime", `${span(item.expectedDowntimeSeconds)} of a machine at most, as their rehearsals took; stopping the source comes on top`],
    opening && ["Window", opening.missed ? "none of the plan's windows opens any more" : [time(opening.opensAt, opening.timeZone), ...(opening.closesAt ? [" until ", time(opening.closesAt, opening.timeZone)] : []), opening.whose ? `; of ${opening.whose}` : "", opening.capacity ? `; room for ${opening.capacity}` : "", ...(opening.blackouts || []).map((each) => `; not earlier: ${blackoutText(each)}`)]],
  ];
  return el("dl", {}, rows.filter(Boolean).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** What waiting comes to, as a forecast tells it: hours of machines, and days of the disks that are kept for them. */
function cost(item) {
  const hours = (item.machines || []).reduce((sum, each) => sum + Math.max(0, now() - Date.parse(each.since)) / 3600e3, 0);
  if (!["test", "cutover", "accept"].includes(item.name) || item.kind !== "gate" || !hours) return null;
  const days = hours / item.machines.length / 24, unknown = item.sizesUnknown ? `; the disks of ${many(item.sizesUnknown, "machine")} are not known` : "";
  const disks = item.replicaGb ? `, and replica disks of ${Math.round(item.replicaGb).toLocaleString("en")} GB: ${Math.round(item.replicaGb * days).toLocaleString("en")} GB-days` : "";
  return `${Math.round(hours).toLocaleString("en")} machine-hours so far${disks}${unknown}. Each day more: ${(item.machines.length * 24).toLocaleString("en")} machine-hours${item.replicaGb ? `, ${Math.round(item.replicaGb).toLocaleString("en")} GB-days` : ""}`;
}

function machinesOf(item, choice, look) {
  const shown = item.machines.filter((each) => each.name.includes(choice.find));
  const redraw = () => look(true);
  const tick = (each) => (event) => { event.target.checked ? choice.without.delete(each.name) : choice.without.add(each.name); redraw(); };
  const every = (on) => () => { for (const each of shown) on ? choice.without.delete(each.name) : choice.without.add(each.name); redraw(); };
  const few = item.machines.length <= 12;
  const list = el("ul", { class: "ticks" }, shown.slice(0, MOST_TICKS).map((each) => el("li", { key: each.name },
    el("label", {}, el("input", { type: "checkbox", set: { checked: !choice.without.has(each.name) }, onchange: tick(each) }), " ", el("strong", {}, each.name)),
    el("span", { class: "mute" }, [each.application, each.lagSeconds !== undefined && `lag ${span(each.lagSeconds)}`, each.expectedDowntimeSeconds !== undefined && `down for about ${span(each.expectedDowntimeSeconds)}`].filter(Boolean).join(" · ")),
    each.health && pill(each.health), el("span", { class: each.checks === "passed" ? "good" : "mute" }, each.checks ? [`rehearsal ${each.checks}`, each.checkedAt && `, ${since(each.checkedAt, now())} ago`] : item.kind === "gate" && BEFORE.includes(item.name) ? "not rehearsed" : ""),
    each.unfit && el("span", { class: "bad" }, each.unfit), each.testVmId && el("span", {}, "test VM ", el("code", {}, each.testVmId.split("/").pop()), each.testVmAddress && [" at ", el("code", {}, each.testVmAddress)]))));
  const chosen = item.machines.length - choice.without.size;
  const head = el("div", { class: "row" }, el("span", {}, `${chosen} of ${item.machines.length} chosen`),
    item.machines.length > 1 && [el("button", { class: "small", onclick: every(true) }, "All"), el("button", { class: "small", onclick: every(false) }, "None")],
    few ? null : el("label", {}, "Find ", el("input", { type: "search", size: 12, oninput: (event) => { choice.find = event.target.value; redraw(); } })),
    shown.length > MOST_TICKS && el("span", { class: "mute" }, `the first ${MOST_TICKS} of ${shown.length} are shown`));
  return few ? el("div", {}, head, list) : el("details", { class: "many" }, el("summary", {}, `Machines (${chosen} of ${item.machines.length} chosen)`), head, list);
}

function decide(item, choice, look) {
  const machines = item.machines || [], names = machines.map((each) => each.name).filter((name) => !choice.without.has(name));
  const says = item.saysWhy || [];
  const some_ = machines.length ? names : [];
  const blocked = machines.length > 0 && !names.length;
  const label = machines.length && names.length < machines.length ? ` ${names.length} of ${machines.length}` : "";
  const button = (title, kind, act) => el("button", { class: kind, "aria-disabled": blocked || choice.busy ? "true" : null, onclick: () => { if (!blocked && !choice.busy) act(); } }, title + label);
  const done = (verb, body) => run(choice, look, () => post(item.migration, verb, { comment: choice.comment, ...body }));
  const buttons = item.kind === "gate" ? (item.verdicts || []).filter((each, at, all) => each !== "confirm" || !all.includes("approve")).map((verdict) => {
    const [title, kind] = VERBS[verdict];
    const body = { gate: item.name, wave: item.wave || "", decision: verdict, machines: some_ };
    if (item.name === "decommission" && verdict === "approve") return button(title + "…", "danger", () => danger({ title: "Approve the decommissioning", text: `Sources of ${item.migration}:`, effects: EFFECTS.decommission, machines: names, act: (comment) => post(item.migration, "approvals", { ...body, comment }) }));
    return button(title, kind, () => says.includes(verdict) && !choice.comment.trim() ? complain(choice, look, `Say why: ${verdict} needs a comment.`) : done("approvals", body));
  }) : item.kind === "failure" ? [button("Retry", "go", () => done("retry", { machines: some_ }))]
    : item.name === "paused" ? [button("Resume", "go", () => done("resume", { machines: some_ }))] : [];
  if (!buttons.length) return null;
  const id = "why-" + keyOf(item);
  return el("div", { class: "decide" },
    el("label", { for: id }, `Comment${says.length ? ` (needed to ${says.join(" or ")})` : ""}`),
    el("input", { id, maxlength: 2000, autocomplete: "off", oninput: (event) => { choice.comment = event.target.value; } }),
    el("div", { class: "row" }, buttons),
    el("p", { role: "status", class: choice.failed ? "bad" : "good" }, choice.told));
}

function complain(choice, look, text) {
  Object.assign(choice, { told: text, failed: true });
  look(true);
}

const told = []; // what was decided: shown also when its card is gone
export const results = () => told.length ? el("section", { class: "results", "aria-label": "What was done", key: "results" }, el("ul", {}, told.slice(-3).reverse().map((each) => el("li", { class: "good" }, each)))) : null;

async function run(choice, look, act) {
  Object.assign(choice, { told: "…", failed: false, busy: true });
  look(true);
  try {
    const answer = await act();
    const text = (answer.decision || {}).text || "Done.";
    Object.assign(choice, { told: text, comment: "" });
    choice.without.clear();
    told.push(text);
  } catch (error) {
    Object.assign(choice, { told: error.story || error.message, failed: true });
  } finally {
    choice.busy = false;
    if (choice.failed) look(true); // the app may be out of reach: it is told now
    look();
  }
}
