// Asks the app: its key, its clock, and answers that are asked for again only where they changed.

const MOST_MACHINES = 20000, MOST_KNOWN = 64;

// The function key of ?code= is kept for this tab and taken out of the address.
const address = new URL(location.href);
if (address.searchParams.get("code")) {
  sessionStorage.setItem("code", address.searchParams.get("code"));
  address.searchParams.delete("code");
  history.replaceState(null, "", address);
}

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.problem = problem;
  }
  /** The whole story for a person: what, what to do, which fields. */
  get story() {
    const fields = (this.problem.errors || []).map((each) => `${each.pointer}: ${each.message}`);
    return [this.message, this.problem.advice, ...fields].filter(Boolean).join(" ");
  }
}

/** The sign-in ended, or was never made: the platform answers then and not the app. What is typed here stays. */
const SIGNED_OUT = { type: "signed-out", title: "You are signed out", advice: "Open this page in another tab to sign in, then go on here." };
const isSignedOut = (answer) => answer.type === "opaqueredirect" || (answer.status === 401 && answer.headers.has("www-authenticate"));

async function problemOf(answer) {
  try { return await answer.json(); } catch { return { title: answer.status === 401 ? "A function key is needed" : answer.statusText }; }
}

export async function api(path, options = {}) {
  const key = sessionStorage.getItem("code");
  const headers = { "x-azferry-surface": "page", ...(key ? { "x-functions-key": key } : {}), ...options.headers };
  const answer = await fetch(path.startsWith("/") ? path : "/api/" + path, { ...options, headers, cache: "no-store", redirect: "manual" });
  if (isSignedOut(answer)) throw new Refused(401, SIGNED_OUT);
  if (answer.ok || answer.status === 304) return answer;
  throw new Refused(answer.status, await problemOf(answer));
}

const known = new Map(); // path -> ETag and what it stood for; the same object is given while nothing changed
export async function get(path) {
  const before = known.get(path);
  const answer = await api(path, { headers: before ? { "if-none-match": before.tag } : {} });
  readClock(answer);
  if (answer.status === 304) return before.body;
  const body = await answer.json();
  const tag = answer.headers.get("etag");
  known.delete(path);
  if (tag) known.set(path, { tag, body });
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
  return body;
}

let ahead = 0; // the app's clock may be days from ours: on the local stack it jumps
function readClock(answer) {
  const told = answer.headers.get("x-azferry-now") || answer.headers.get("date");
  if (told && (answer.headers.has("x-azferry-now") || !ahead)) ahead = Date.parse(told) - Date.now();
}
export const now = () => Date.now() + ahead;

export const of = (id) => "migrations/" + encodeURIComponent(id);

let listed = { path: "", since: "", rows: new Map() };
/** Everything that a path lists, by name; asked again, only for what changed since. */
export async function all(path, most = MOST_MACHINES) {
  if (listed.path !== path) listed = { path, since: "", rows: new Map() };
  const into = listed;
  let since = "";
  for (let link = path + "?top=1000" + (into.since ? "&since=" + encodeURIComponent(into.since) : ""), seen = 0; link && seen < most;) {
    const page = await get(link);
    for (const row of page.value) into.rows.set(row.name, row);
    since = since || page.since;
    seen += page.value.length;
    link = page.nextLink;
  }
  into.since = since || into.since;
  return [...into.rows.values()];
}

export const who = () => sessionStorage.getItem("by") || "";
export async function post(id, verb, body) {
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ by: who(), ...body }) };
  return (await api(`${of(id)}/${verb}`, options)).json();
}
