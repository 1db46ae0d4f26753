// Times, spans and states in words; times in the viewer's zone, and in the plan's where that is another.

import { el } from "./dom.js";

export const NONE = "–";
const GOOD = ["Succeeded", "CutOver", "Finalized", "Decommissioned", "Normal", "passed"], BAD = ["Failed", "critical", "Critical"];
const WAIT = ["AwaitingUserAction", "AwaitingApproval", "Paused", "PartiallySucceeded", "RolledBack", "Cancelled", "Cancelling", "warning", "Warning"];
const IDLE = ["NotStarted", "NotReady", "Ended"];
export const tone = (state) => GOOD.includes(state) ? "good" : BAD.includes(state) ? "bad" : WAIT.includes(state) ? "wait" : IDLE.includes(state) ? "mute" : "busy";
export const pill = (state) => el("span", { class: "pill " + tone(state) }, state || NONE);

const ever = (at) => at && !at.startsWith("1970");
const form = (options) => new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options });
const SHORT = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const here = form(SHORT), dated = form({ ...SHORT, year: "numeric" });
const zones = new Map();
const inZone = (zone) => {
  if (!zones.has(zone)) zones.set(zone, form({ ...SHORT, timeZone: zone, timeZoneName: undefined }));
  return zones.get(zone);
};
export const VIEWER = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment in the viewer's zone, and in the plan's with its name where that is another. */
export function moment(at, zone) {
  if (!ever(at)) return NONE;
  const when = new Date(at);
  return (when.getFullYear() === new Date().getFullYear() ? here : dated).format(when) + (zone && zone !== VIEWER ? ` (${inZone(zone).format(when)} ${zone})` : "");
}
export const time = (at, zone) => ever(at) ? el("time", { datetime: at, title: at }, moment(at, zone)) : NONE;

export const blackoutText = (each) => `${each.company ? "the company's blackout" : "blackout"} ${moment(each.start)} to ${moment(each.end)}${each.reason ? `: ${each.reason}` : ""}`;

export function span(seconds) {
  if (seconds === undefined || seconds === null) return NONE;
  const s = Math.max(0, Math.round(seconds)), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
  return d ? `${d} d ${h % 24} h` : h ? `${h} h ${m % 60} min` : m ? `${m} min` : `${s} s`;
}
export const since = (at, now) => ever(at) ? span((now - Date.parse(at)) / 1000) : NONE;
export const many = (n, word, words = word + "s") => `${n.toLocaleString("en")} ${n === 1 ? word : words}`;
export const some = (names, most = 4) => names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
export const bar = (percent, label) => percent === undefined || percent === null ? NONE : [el("progress", { max: 100, set: { value: percent }, "aria-label": label }), ` ${Math.round(percent)} %`];
export const counts = (told) => Object.entries(told || {}).map(([state, n]) => `${n} ${state}`).join(", ");

const SERVES = { source: "serves on its source", target: "serves in Azure", nowhere: "serves nowhere" };
export const serving = (row) => SERVES[row.serving] || "not known where it serves";

export function fault(problem) {
  if (!problem) return null;
  const lines = [["", `${problem.title}: ${problem.detail}`], ["Code", problem.code], ["Possible causes", problem.causes], ["What to do", problem.advice]];
  return el("div", { class: "card error" }, lines.filter(([, text]) => text).map(([name, text]) => el("p", {}, name && el("strong", {}, name + ": "), text)));
}
