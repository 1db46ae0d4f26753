// Plans: read from a file or pasted, judged before anything is started; a running one is changed after its difference was
// seen. What is shown holds for the text as it was judged: another letter, and it has to be judged again.

import { api, of, who } from "./api.js";
import { ask } from "./dialogs.js";
import { $, el } from "./dom.js";
import { many, some } from "./wording.js";

const LARGEST = 20 * 1024 * 1024;
const fresh = () => ({ id: "", text: "", judged: null, problem: null, busy: "", tag: "", loaded: false });
let state = fresh();

const kindOf = (text) => (text.trimStart().startsWith("{") ? "application/json" : "application/yaml");
const by = (query = {}) => { const found = new URLSearchParams({ ...(who() ? { by: who() } : {}), ...query }).toString(); return found ? "?" + found : ""; };
const send = (path, method, more = {}) => api(path, { method, body: state.text, headers: { "content-type": kindOf(state.text), ...more } });

/** Begin anew with another migration's plan, or with none; the plan that runs is read once. */
export async function openPlan(id, look) {
  if (state.id === id && state.loaded) return;
  state = { ...fresh(), id, loaded: true };
  if (!id) return;
  try { state.text = await (await api(`${of(id)}/plan?format=yaml`)).text(); } catch (error) { state.problem = error; }
  look(true);
}

/** Have the text judged; an answer that comes after another letter was typed is of another text, and dropped. */
async function doing(words, act, look) {
  const own = state, { text } = state;
  Object.assign(own, { busy: words, problem: null, judged: null });
  look(true);
  try {
    const found = await act();
    if (own.text === text) Object.assign(own, found);
  } catch (error) { if (own.text === text) own.problem = error; } finally { own.busy = ""; look(true); }
}

export function planView(id, look) {
  const changed = (text) => { Object.assign(state, { text, judged: null, problem: null }); look(true); };
  const read = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > LARGEST) { state.problem = new Error(`${file.name} is too large for a plan`); look(true); return; }
    const text = await file.text();
    $("plan-text").value = text;
    changed(text);
  };
  const nothing = !state.text.trim() || Boolean(state.busy);
  const judge = () => nothing || doing(id ? "Comparing…" : "Judging…", id ? differ : validate, look);
  return [el("h1", {}, id ? ["Change the plan of ", el("a", { href: "#/m/" + encodeURIComponent(id) }, id)] : "New migration"),
    el("p", { class: "mute" }, id ? "What the app takes over of a running plan it says itself; what differs is shown before anything is changed." : "Nothing is started before the plan was judged and you say so."),
    el("div", { class: "row" }, el("label", {}, "Plan from a file ", el("input", { type: "file", id: "plan-file", accept: ".yaml,.yml,.json", onchange: read }))),
    el("label", { for: "plan-text" }, "or its text (YAML or JSON)"),
    el("textarea", { id: "plan-text", rows: 18, spellcheck: "false", autocomplete: "off", wrap: "off", oninput: (event) => changed(event.target.value) }, state.text),
    el("div", { class: "row" }, el("button", { class: state.judged ? null : "go", "aria-disabled": nothing ? "true" : null, onclick: judge }, id ? "Show what differs" : "Validate"),
      state.judged && (id ? (state.judged.changes || []).length > 0 && el("button", { class: "go", onclick: () => change(id, look) }, "Change the plan…") : state.judged.valid !== false && el("button", { class: "go", onclick: start }, "Start the migration…"))),
    el("div", { role: "status", id: "plan-result" }, state.busy, state.problem ? faults(state.problem) : null, state.judged ? (id ? differences(state.judged) : judgement(state.judged)) : null)];
}

async function validate() {
  return { judged: await (await send("plans/validate", "POST")).json() };
}
async function differ() {
  const answer = await send(of(state.id) + by({ dryRun: "true" }), "PATCH");
  return { judged: await answer.json(), tag: answer.headers.get("etag") };
}

function judgement(judged) {
  const left = Object.keys(judged.leftOut || {});
  return el("div", { class: "results" }, el("p", {}, el("strong", {}, `The plan ${judged.name} is valid: ${many(judged.machines, "machine")}.`), " The clouds were not asked; the assessment does that once it is started."),
    left.length > 0 && el("p", {}, `Left out by their strategy: ${some(left, 8)}.`),
    (judged.concerns || []).map((each) => el("p", {}, el("strong", {}, each.id), ` ${each.evidence || each.title || ""} `, el("span", { class: "mute" }, each.advice))));
}
function differences(judged) {
  const found = judged.changes || [], effects = judged.effects || [];
  if (!found.length) return el("p", {}, "This is the very plan that runs: nothing would change.");
  return el("div", { class: "results" }, el("p", {}, el("strong", {}, `${many(found.length, "difference")} to version ${judged.version} of the plan. Nothing is changed yet.`)), el("ul", {}, found.map((each) => el("li", {}, each.text))),
    effects.length > 0 && el("p", {}, el("strong", {}, `What becomes of ${many(effects.length, "machine")}:`)), effects.length > 0 && el("ul", {}, effects.map((each) => el("li", {}, each.text))));
}

/** What is wrong, with the line and column of the text; each leads there. */
function faults(problem) {
  const errors = (problem.problem || {}).errors || [];
  const place = (each) => (each.line ? `line ${each.line}, column ${each.column || 1}` : each.pointer || "the plan");
  return el("div", { class: "card error" }, el("p", {}, el("strong", {}, problem.message), " ", (problem.problem || {}).advice),
    el("ul", {}, errors.slice(0, 100).map((each) => el("li", {}, each.line ? el("button", { class: "plain", onclick: () => goTo(each.line, each.column || 1) }, place(each)) : el("code", {}, place(each)), `: ${each.message}`, each.line && each.pointer ? el("span", { class: "mute" }, ` (${each.pointer})`) : ""))),
    errors.length > 100 && el("p", {}, `and ${errors.length - 100} more`));
}
function goTo(line, column) {
  const place = $("plan-text"), lines = place.value.split("\n");
  const at = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
  place.focus();
  place.setSelectionRange(at, at + Math.max(1, (lines[line - 1] || "").length - column + 1));
  place.scrollTop = (line - 4) * (place.scrollHeight / lines.length);
}

function start() {
  const { judged, text } = state;
  ask({ title: "Start the migration", text: `Starts the migration of ${many(judged.machines, "machine")} of plan ${judged.name}: they are assessed, then replicated. No source is shut down before its cutover is approved, where the plan asks for that.`, comment: false, act: async () => {
    if (text !== state.text) throw new Error("The text was changed meanwhile; validate it again.");
    const begun = await (await send("migrations" + by(), "POST")).json();
    state = fresh();
    location.hash = "#/m/" + encodeURIComponent(begun.id);
  } });
}
function change(id, look) {
  const { judged, tag, text } = state, list = [...(judged.changes || []), ...(judged.effects || [])].map((each) => each.text);
  ask({ title: "Change the plan", text: `Changes the plan of ${id}, which runs. A window that is moved to now lets approved machines cut over at once.`, machines: list, what: "difference", careful: true, act: async (comment) => {
    if (text !== state.text) throw new Error("The text was changed meanwhile; look at what differs again.");
    await send(of(id) + by(comment ? { comment } : {}), "PATCH", { "if-match": tag });
    state = fresh();
    location.hash = "#/m/" + encodeURIComponent(id);
    look();
  } });
}
