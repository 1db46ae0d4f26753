// Draws by making what there should be and changing what there is into it: focus, scroll and what is opened stay.
// Everything is put in as text: nothing that a plan or a cloud says can become markup.

const SVG = "http://www.w3.org/2000/svg";
const KEPT = new Set(["open", "value", "checked"]); // what the person did to it is theirs
const fits = (each) => each !== null && each !== undefined && each !== false && each !== "";

function fill(node, given, inside) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) node[name] = value;
    else if (name === "key") node.key = value;
    else if (name === "set") node.set = value; // properties that are the page's and not the person's
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const [name, value] of Object.entries(node.set || {})) node[name] = value;
  node.append(...inside.flat(3).filter(fits).map((each) => (typeof each === "number" ? String(each) : each)));
  return node;
}
export const el = (tag, given = {}, ...inside) => fill(document.createElement(tag), given, inside);
export const svg = (tag, given = {}, ...inside) => fill(document.createElementNS(SVG, tag), given, inside);

const same = (node, wanted) => node.nodeName === wanted.nodeName && node.key === wanted.key;

function morph(node, wanted) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return;
  }
  for (const { name } of [...node.attributes]) if (!KEPT.has(name) && !wanted.hasAttribute(name) && !(name === "style")) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (!KEPT.has(name) && node.getAttribute(name) !== value) node.setAttribute(name, value);
  for (const name of ["onclick", "oninput", "onchange", "onsubmit", "onkeydown", "ontoggle"]) if (node[name] !== wanted[name]) node[name] = wanted[name];
  node.set = wanted.set;
  for (const [name, value] of Object.entries(wanted.set || {})) if (node[name] !== value) node[name] = value;
  if (node.nodeName === "PROGRESS") node.value = wanted.value;
  if (!node.frozen) children(node, [...wanted.childNodes]);
}

function children(node, wanted) {
  const keyed = new Map([...node.childNodes].filter((each) => each.key !== undefined).map((each) => [each.key, each]));
  const used = new Set();
  let at = node.firstChild;
  for (const each of wanted) {
    let here = each.key !== undefined ? keyed.get(each.key) : at;
    while (each.key === undefined && here && (here.key !== undefined || used.has(here))) here = here.nextSibling;
    if (here && !used.has(here) && same(here, each)) {
      if (here === at) at = at.nextSibling;
      else node.insertBefore(here, at);
      morph(here, each);
      used.add(here);
    } else {
      node.insertBefore(each, at);
      used.add(each);
    }
  }
  for (const each of [...node.childNodes]) if (!used.has(each)) each.remove();
}

/** Make what is inside of a node what it should be, with as few changes as that takes. */
export function draw(node, ...inside) {
  const focused = document.activeElement;
  const spot = focused && node.contains(focused) && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  const wanted = inside.flat(3).filter(fits).map((each) => (each instanceof Node ? each : document.createTextNode(each)));
  children(node, wanted);
  if (focused && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true }); // it was moved, and a node that moves loses the focus
    if (spot && spot[0] !== null) focused.setSelectionRange(...spot);
  }
}

export const $ = (id) => document.getElementById(id);
