// Which page is shown, and how it stays true: asked every two seconds while somebody looks, drawn only where it changed.

import { get } from "./api.js";
import { archive, archiveView } from "./archive.js";
import { boardView, groupsView, reset, wavesView } from "./board.js";
import { afterwards, ask } from "./dialogs.js";
import { $, draw, el } from "./dom.js";
import { banner, card, inbox, inboxView, MOST_CARDS, results, together } from "./inbox.js";
import { eventsView, head, loadMigration, migrations, migrationsView } from "./migration.js";
import { openPlan, planView } from "./plans.js";
import { loadTimeline, timelineView } from "./timeline.js";

const EVERY = 2000;
const rest = (hash, from) => { try { return decodeURIComponent(hash.slice(from)); } catch { return hash.slice(from); } };
const routeOf = (hash) => hash.startsWith("#/plan") ? { page: "plan", id: rest(hash, 7) } : hash.startsWith("#/archive") ? { page: "archive" } : hash.startsWith("#/m/") ? { page: "migration", id: rest(hash, 4) } : hash.startsWith("#/migrations") ? { page: "migrations" } : { page: "inbox" };

let drawn = 0, timer = 0, looking = false, again = false, shown = null, last = {};

const PAGES = {
  inbox: { title: "Inbox – azferry", async load() { return { box: await inbox() }; }, view: ({ box }) => [results(), ...inboxView(box, look)] },
  migrations: { title: "Migrations – azferry", async load() { const [box, rows] = await Promise.all([inbox(), migrations()]); return { box, rows }; }, view: ({ rows }) => migrationsView(rows) },
  archive: { title: "Archive – azferry", async load() { const [box, found] = await Promise.all([inbox(), archive()]); return { box, found }; }, view: ({ found }) => archiveView(found, look) },
  plan: { title: "Plan – azferry", async load(id) { const [box] = await Promise.all([inbox(), openPlan(id, look)]); return { box, id }; }, view: ({ id }) => planView(id, look) },
  migration: {
    title: "",
    async load(id) { const [box, times, [row, machines, events]] = await Promise.all([inbox(), loadTimeline(id), loadMigration(id)]); return { box, row, machines, events, times, id }; },
    view({ box, row, machines, events, times, id }) {
      reset(id);
      const mine = together(box.value).filter((each) => each.migration === id && each.kind !== "failure");
      return [results(), head(row, machines), mine.length ? el("section", { key: "gates" }, el("h2", {}, `Waits for people (${mine.length})`), el("div", { class: "cards" }, mine.slice(0, MOST_CARDS).map((each) => card(each, look))), mine.length > MOST_CARDS && el("p", { class: "mute" }, `The most urgent ${MOST_CARDS} of ${mine.length} are shown.`)) : null, wavesView(row, look), groupsView({ row, machines, times }), timelineView(times, machines), boardView(row, machines, look), eventsView(events)];
    },
  },
};

/** Look again; `quietly` only draws what is known already, after the person changed something on the page. */
export async function look(quietly = false) {
  const route = routeOf(location.hash);
  if (quietly === true) { if (last.data) show(last.route, last.data); return; }
  if (looking) { again = true; return; }
  looking = true;
  clearTimeout(timer);
  try {
    if (!document.hidden) {
      const data = await PAGES[route.page].load(route.id);
      if (JSON.stringify(route) === JSON.stringify(routeOf(location.hash))) { last = { route, data }; show(route, data); }
      say(standsStill() || "live");
    }
  } catch (error) {
    if ((error.problem || {}).type === "signed-out") { sayToSignIn(); return; }
    const text = error.status ? error.message : error instanceof TypeError && /fetch/i.test(error.message) ? "the app cannot be reached; trying again" : `the page failed: ${error.message}`;
    say(text);
    if (shown !== null && shown !== JSON.stringify(route) && JSON.stringify(route) === JSON.stringify(routeOf(location.hash))) leave(route, error.status === 404 ? "Not found" : "Not shown yet", error.story || text);
    if (error.status === 401 && !((error.problem || {}).type || "").endsWith("/not-signed-in")) askForKey();
  } finally {
    looking = false;
    timer = setTimeout(look, again ? 0 : EVERY);
    again = false;
  }
}
function sayToSignIn() {
  if (!$("sign-in")) $("state").replaceChildren("You are signed out. ", el("a", { href: "/", target: "_blank", id: "sign-in" }, "Sign in in another tab"), "; this one then goes on by itself.");
}
/** What stood there was of another address: nobody shall decide on it for what could not be fetched. */
function leave(route, heading, text) {
  shown = JSON.stringify(route); last = {};
  document.title = `${heading} – azferry`;
  $("banner").replaceChildren();
  $("main").replaceChildren(el("h1", {}, heading), el("p", {}, text), el("p", {}, el("a", { href: "#/" }, "Inbox"), " or ", el("a", { href: "#/migrations" }, "Migrations")));
  $("main").focus({ preventScroll: true });
}
function say(text) { if ($("state").textContent !== text) $("state").textContent = text; }

function show(route, data) {
  const key = JSON.stringify(route);
  if (shown !== key) {
    $("main").replaceChildren();
    document.title = PAGES[route.page].title || `${route.id} – azferry`;
    $("to-inbox").toggleAttribute("aria-current", route.page === "inbox");
    $("to-migrations").toggleAttribute("aria-current", route.page === "migrations");
    $("to-archive").toggleAttribute("aria-current", route.page === "archive");
    if (shown !== null) { scrollTo(0, 0); $("main").focus({ preventScroll: true }); }
    shown = key;
  }
  draw($("banner"), banner(data.box.nowhere, route.page === "migration" ? route.id : ""));
  draw($("main"), PAGES[route.page].view(data));
  document.body.dataset.drawn = String(++drawn);
}

// Once a minute: what of the app itself stands still, in its own words. Nobody waits for the answer.
let asked = 0, stands = "";
function standsStill() {
  if (Date.now() - asked > 60000) {
    asked = Date.now();
    get("health/details").then((told) => { stands = (told.late || []).join("; "); }, () => { stands = ""; });
  }
  return stands;
}

function askForKey() {
  if (document.querySelector("dialog")) return;
  ask({ title: "Function key", text: "This app asks for a function key; it is kept for this tab only.", label: "Key", needsComment: true, secret: true, go: "Use it", act: async (key) => { sessionStorage.setItem("code", key); } });
}

$("by").value = sessionStorage.getItem("by") || "";
$("by").onchange = () => sessionStorage.setItem("by", $("by").value);
addEventListener("hashchange", () => look());
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
afterwards(look);
look();
