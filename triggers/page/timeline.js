// Time as a picture: a band for each wave with its windows, how full they are, blackouts, cohorts, outages, and now.

import { get, now, of } from "./api.js";
import { el, svg } from "./dom.js";
import { blackoutText, many, moment, span, VIEWER } from "./wording.js";

const EVERY = 20000, WIDTH = 1000, LEFT = 120, BAND = 34, TOP = 26;
const HOUR = 3600e3, STEPS = [HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 7 * 24 * HOUR];
let of_ = "", asked = 0, known = null;

/** The waves in time, asked for now and then: windows do not move. */
export async function loadTimeline(id) {
  if (of_ !== id || Date.now() - asked > EVERY) {
    known = await get(`${of(id)}/timeline`);
    of_ = id;
    asked = Date.now();
  }
  return known;
}

const ms = (at) => Date.parse(at);
const mark = (row, name) => (row.marks || {})[name] && ms(row.marks[name]);

/** The cohorts of a wave: times in which its machines cut over, side by side ones as one. */
export function cohorts(rows, until) {
  const found = rows.map((row) => ({ from: mark(row, "stopRequested") || mark(row, "failoverAsked"), to: mark(row, "up") || mark(row, "sourceBack") || (row.state === "CuttingOver" ? until : null), names: [row.name] })).filter((each) => each.from);
  found.sort((a, b) => a.from - b.from);
  const merged = [];
  for (const each of found) {
    const last = merged.at(-1), to = Math.max(each.to || each.from, each.from);
    if (last && each.from <= last.to) { last.to = Math.max(last.to, to); last.names.push(...each.names); }
    else merged.push({ ...each, to });
  }
  return merged;
}
const outages = (rows, until) => rows.flatMap((row) => (row.outages || []).map((each) => ({ from: ms(each.began), to: each.ended ? ms(each.ended) : until, name: row.name })));

export function timelineView(times, machines) {
  if (!times || !(times.waves || []).length) return null;
  const at = now(), bands = times.waves.map((wave) => {
    const rows = machines.filter((row) => row.wave === wave.wave);
    return { ...wave, cohorts: cohorts(rows, at), outages: outages(rows, at) };
  });
  const edges = bands.flatMap((band) => [...band.cohorts, ...band.outages]).flatMap((each) => [each.from, each.to]);
  const from = Math.min(ms(times.start), ...edges), to = Math.max(ms(times.end), at, ...edges), wide = Math.max(to - from, HOUR);
  const x = (when) => LEFT + ((Math.min(Math.max(when, from), to) - from) / wide) * (WIDTH - LEFT - 10);
  const height = TOP + bands.length * BAND + 8;
  const box = (kind, a, b, y, h, title) => svg("rect", { class: kind, x: x(a).toFixed(1), y, width: Math.max(x(b) - x(a), 2).toFixed(1), height: h, rx: 2 }, svg("title", {}, title));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": "Waves in time; the same stands below as text" },
    svg("defs", {}, svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { width: 2, height: 6, class: "hatch" }))),
    ticks(from, to, wide).map((when) => [svg("line", { class: "tick", x1: x(when), x2: x(when), y1: TOP - 8, y2: height }), svg("text", { x: x(when) + 3, y: 12 }, label(when, wide))]),
    bands.map((band, row) => {
      const y = TOP + row * BAND;
      return svg("g", {}, svg("line", { class: "tick", x1: 0, x2: WIDTH, y1: y + BAND, y2: y + BAND }), svg("text", { x: 4, y: y + 20, class: "wave-name" }, band.wave.length > 15 ? band.wave.slice(0, 14) + "…" : band.wave),
        (band.windows || []).filter((each) => ms(each.opensAt) < to).map((each) => [box("opening", ms(each.opensAt), ms(each.closesAt), y + 4, BAND - 8, windowText(each)),
          each.capacity ? svg("rect", { class: "filled", x: x(ms(each.opensAt)).toFixed(1), y: y + BAND - 8, height: 4, width: Math.max(0, (x(ms(each.closesAt)) - x(ms(each.opensAt))) * Math.min(1, (each.taken || 0) / each.capacity)).toFixed(1) }) : null,
          each.capacity && x(ms(each.closesAt)) - x(ms(each.opensAt)) > 34 ? svg("text", { x: x(ms(each.opensAt)) + 4, y: y + 17 }, `${each.taken || 0}/${each.capacity}`) : null]),
        (band.blackouts || []).map((each) => box("blackout", ms(each.start), ms(each.end), y + 2, BAND - 4, blackoutText(each))),
        band.cohorts.map((each) => box("cohort", each.from, each.to, y + 9, 12, `${many(each.names.length, "machine")} cut over`)),
        band.outages.map((each) => box("outage", each.from, each.to, y + 22, 5, `${each.name} down for ${span((each.to - each.from) / 1000)}`)));
    }),
    svg("line", { class: "now", x1: x(at), x2: x(at), y1: TOP - 10, y2: height }), svg("text", { class: "now", x: x(at) + 3, y: height - 1 }, "now"));
  return el("section", { key: "timeline" }, el("h2", {}, "Time"),
    el("p", { class: "mute legend" }, `Times in ${VIEWER}. `, key("opening", "window"), key("filled", "places taken"), key("blackout", "blackout"), key("cohort", "cutover"), key("outage", "down")),
    el("div", { class: "timeline", tabindex: 0, role: "region", "aria-label": "Waves in time" }, picture),
    el("details", {}, el("summary", {}, "As text"), el("ul", {}, bands.map((band) => el("li", { key: band.wave }, el("strong", {}, band.wave), ": ", [
      ...(band.windows || []).slice(0, 3).map((each) => `window ${windowText(each)}`), ...(band.blackouts || []).map(blackoutText),
      ...band.cohorts.map((each) => `${many(each.names.length, "machine")} cut over from ${moment(new Date(each.from).toISOString())}, for ${span((each.to - each.from) / 1000)}`)].join("; ") || "no window: at once after its approval")))));
}
const key = (kind, text) => el("span", { class: "key" }, el("span", { class: "swatch " + kind, "aria-hidden": "true" }), text);
const windowText = (each) => `${each.whose ? `of ${each.whose}, ` : ""}${moment(each.opensAt, each.timeZone)} to ${moment(each.closesAt, each.timeZone)}${each.capacity ? `, ${each.taken || 0} of ${each.capacity} places taken` : ""}`;

function ticks(from, to, wide) {
  const step = STEPS.find((each) => wide / each <= 8) || wide / 7, zone = new Date(from).getTimezoneOffset() * 60e3;
  const found = [];
  for (let when = Math.ceil((from - zone) / step) * step + zone; when < to; when += step) found.push(when);
  return found;
}
function label(when, wide) {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }), hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return wide > 7 * 24 * HOUR ? day.format(when) : wide > 20 * HOUR ? `${day.format(when)} ${hour.format(when)}` : hour.format(when);
}

/** One machine's outages as a strip between its first mark and its last, or now. */
export function strip(row) {
  const moments = Object.values(row.marks || {}).map(ms), at = now(), down = outages([row], at);
  if (!down.length) return null;
  const from = Math.min(...moments, ...down.map((each) => each.from)), to = Math.max(...moments, ...down.map((each) => each.to)), wide = Math.max(to - from, 1);
  const x = (when) => ((when - from) / wide) * 600;
  const text = `down for ${down.map((each) => span((each.to - each.from) / 1000)).join(" and ")}, of ${span(wide / 1000)} from its first mark on`;
  return el("div", { class: "strip" }, svg("svg", { viewBox: "0 0 600 14", role: "img", "aria-label": text, preserveAspectRatio: "none" }, svg("rect", { class: "calm", width: 600, height: 14, rx: 3 }),
    down.map((each) => svg("rect", { class: "outage", x: x(each.from).toFixed(1), width: Math.max(x(each.to) - x(each.from), 2).toFixed(1), height: 14 })),
    moments.map((each) => svg("rect", { class: "moment", x: Math.min(598, x(each)).toFixed(1), width: 2, height: 14 }))), el("small", {}, text));
}
