// What asks before something is done: a comment, or for what is dangerous the number of machines, typed.

import { post } from "./api.js";
import { el } from "./dom.js";
import { many } from "./wording.js";

let again = () => {};
export const afterwards = (look) => { again = look; };

function opened(title, inside, buttons, kind = "") {
  const problem = el("p", { class: "bad", role: "alert" });
  const heading = el("h2", { id: "dialog-title" }, title);
  const dialog = el("dialog", { class: kind, "aria-labelledby": "dialog-title" }, heading, inside, problem, el("div", { class: "row end" }, buttons));
  const before = document.activeElement;
  dialog.addEventListener("close", () => { dialog.remove(); if (before && before.isConnected) before.focus(); });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, problem };
}

async function send(shown, button, act) {
  button.disabled = true;
  shown.problem.textContent = "";
  try {
    await act();
    shown.dialog.close();
    again();
  } catch (error) {
    shown.problem.textContent = error.story || error.message;
  } finally { button.disabled = false; }
}

/** Tell something that has to be read. */
export function notice(title, text) {
  const close = el("button", { type: "button" }, "Close");
  const shown = opened(title, el("p", { class: "text" }, text), [close]);
  close.onclick = () => shown.dialog.close();
}

const named = (machines, what = "machine") => machines.length ? el("details", { class: "touched", open: machines.length <= 12 }, el("summary", {}, many(machines.length, what)), el("ul", {}, machines.slice(0, 200).map((name) => el("li", {}, name))), machines.length > 200 && el("p", {}, `and ${machines.length - 200} more`)) : null;

/** Ask for a comment, then send a command. */
export function ask({ title, text, machines = [], needsComment = false, label = "Comment", secret = false, act, go = title, what = "machine", comment: asks = true, careful = false }) {
  const comment = el("input", { id: "dialog-comment", maxlength: 2000, type: secret ? "password" : "text", required: needsComment, autocomplete: "off" });
  const no = el("button", { type: "button" }, "Not now"), yes = el("button", { type: "submit", class: "go" }, go);
  const form = el("form", { method: "dialog", id: "dialog-form" }, el("p", { class: "text" }, text), named(machines, what),
    asks && el("label", {}, `${label}${needsComment ? " (needed; kept in the ledger)" : secret ? "" : " (kept in the ledger)"}`, comment));
  yes.setAttribute("form", "dialog-form");
  const shown = opened(title, form, [no, yes]);
  no.onclick = () => shown.dialog.close();
  const go_ = () => send(shown, yes, () => act(comment.value));
  form.onsubmit = (event) => { event.preventDefault(); if (!careful) go_(); };
  if (careful) Object.assign(yes, { type: "button", onclick: go_, onkeydown: (event) => { if (event.key === "Enter") event.preventDefault(); } }); // never by Enter
}

/** Ask for the number of machines that something dangerous touches; it is never filled in, and Enter sends nothing. */
export function danger({ title, text, effects, machines, act }) {
  const count = el("input", { id: "danger-count", inputmode: "numeric", autocomplete: "off", maxlength: 6 });
  const comment = el("input", { id: "danger-comment", maxlength: 2000, autocomplete: "off" });
  const no = el("button", { type: "button" }, "Leave everything as it is"), yes = el("button", { type: "button", class: "danger", disabled: true }, title);
  const ready = () => { yes.disabled = count.value.trim() !== String(machines.length) || !comment.value.trim(); };
  count.oninput = comment.oninput = ready;
  const inside = el("div", {}, el("p", { class: "text" }, text), el("ul", {}, effects.map((each) => el("li", {}, each))), named(machines),
    el("label", {}, `How many machines does this touch? Type the number (${machines.length}).`, count), el("label", {}, "Why (needed; kept in the ledger)", comment));
  inside.onkeydown = (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); };
  const shown = opened(title, inside, [no, yes], "dangerous");
  yes.onkeydown = (event) => { if (event.key === "Enter") event.preventDefault(); }; // a click or the space bar, on purpose
  no.onclick = () => shown.dialog.close();
  yes.onclick = () => send(shown, yes, () => act(comment.value));
  count.focus();
}

export const EFFECTS = {
  rollback: ["Service is restored on the source of each of them.", "What runs in Azure is switched off first; what was written there since the cutover is lost.", "After a failover most roads need a full new copy before they can cut over again."],
  cancel: ["Machines that have not cut over go back to their source.", "Their replication is removed; starting again means a full new copy."],
  decommission: ["The source machines are terminated for good.", "There is no way back to them any more."],
};

/** Roll back or cancel some machines: apart from all else, and only by number. */
export const giveUp = (id, verb, machines) => danger({
  title: verb === "rollback" ? "Roll back" : "Cancel",
  text: `${verb === "rollback" ? "Rolls back" : "Gives up"} ${many(machines.length, "machine")} of ${id}:`,
  effects: EFFECTS[verb], machines, act: (comment) => post(id, verb, { comment, machines }),
});
