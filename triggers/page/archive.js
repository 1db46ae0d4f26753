// The archive: migrations that ended, found by name, outcome and time; their report and evidence, and what stays of them.

import { api, get, of } from "./api.js";
import { notice } from "./dialogs.js";
import { el } from "./dom.js";
import { many, pill, time } from "./wording.js";

const OUTCOMES = ["Succeeded", "PartiallySucceeded", "RolledBack", "Cancelled", "Failed"], TOP = 50;
const asked = { find: "", outcome: "", after: "", before: "" };
let pages = 1;

export async function archive() {
  const query = new URLSearchParams({ ended: "true", top: String(TOP * pages), ...Object.fromEntries(Object.entries(asked).filter(([, text]) => text)) });
  return get("migrations?" + query);
}

export function archiveView(found, look) {
  const change = (name) => (event) => { asked[name] = event.target.value; pages = 1; look(); };
  const rows = found.value || [];
  return [el("h1", {}, "Archive"), el("p", { class: "mute" }, found.kept || ""),
    el("div", { class: "row filters", role: "search" },
      el("label", {}, "Search ", el("input", { type: "search", id: "archive-find", maxlength: 200, oninput: change("find") })),
      el("label", {}, "Outcome ", el("select", { name: "outcome", onchange: change("outcome") }, el("option", { value: "" }, "all"), OUTCOMES.map((each) => el("option", { value: each }, each)))),
      el("label", {}, "Ended from ", el("input", { type: "date", name: "after", onchange: change("after") })), el("label", {}, "before ", el("input", { type: "date", name: "before", onchange: change("before") }))),
    rows.length ? el("div", { class: "cards" }, rows.map((row) => el("article", { class: "card ended", key: row.id, "aria-label": row.id },
      el("h2", {}, el("a", { href: "#/m/" + encodeURIComponent(row.id) }, row.id), " ", pill(row.outcome || row.status)),
      el("dl", {}, [["Machines", String(row.machines)], ["Started", [time(row.startedAt), ` by ${row.startedBy || "somebody"}`]], ["Ended", time(row.endedAt)]].map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      papers(row.id)))) : el("p", {}, "No migration that ended fits."),
    found.nextLink ? el("p", {}, el("button", { onclick: () => { pages += 1; look(); } }, "Show more")) : el("p", { class: "mute" }, rows.length ? `${many(rows.length, "migration")} in all.` : "")];
}

/** The report in each form, and the evidence pack. */
export const papers = (id) => el("div", { class: "row" },
  ["html", "json", "csv", "xlsx"].map((kind) => el("button", { class: "small", onclick: () => download(`${of(id)}/report?format=${kind}`, `${id}.${kind}`) }, `Report (${kind})`)),
  el("button", { class: "small", onclick: () => download(`${of(id)}/evidence`, `${id}.zip`) }, "Evidence (zip)"));

async function download(path, name) {
  try {
    const link = el("a", { href: URL.createObjectURL(await (await api(path)).blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch (error) {
    notice(`${name} was not fetched`, error.story || "The app cannot be reached.");
  }
}
