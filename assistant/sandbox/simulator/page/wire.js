// The wire panel: every webhook and API call, newest first, with form, signature and answer.
import { byId, element } from "./dom.js";
import { network } from "./network.js";

const KEPT = 120;
const SHOWN_FORM_FIRST = ["From", "To", "Body", "Digits", "SpeechResult", "Confidence", "Result", "CallStatus"];

export class Wire {
  constructor() {
    this.last = 0;
    this.isAsking = false;
    this.list = byId("wire-list");
    byId("wire-clear").onclick = () => this.clear();
    setInterval(() => this.look(), 1500);
  }

  clear() {
    this.list.replaceChildren();
    byId("wire-hint").hidden = false;
  }

  async look() {
    if (this.isAsking || document.hidden || !byId("follow").checked) return;
    this.isAsking = true;
    try {
      const entries = await network.wire(this.last);
      for (const entry of entries) this.add(entry);
    } catch {
      // The handset says when the network is gone; the panel only stays as it is.
    } finally {
      this.isAsking = false;
    }
  }

  add(entry) {
    this.last = Math.max(this.last, entry.number);
    byId("wire-hint").hidden = true;
    this.list.prepend(exchange(entry));
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
  }
}

function exchange(entry) {
  const isBad = entry.status >= 400 || entry.status === 0;
  const arrow = entry.kind === "webhook" ? "→" : "←";
  const path = entry.url.replace(/^https?:\/\/[^/]+/, "").replace(/\/2010-04-01\/Accounts\/\w+/, "");
  const summary = element(
    "summary",
    {},
    element("span", { class: "arrow", textContent: arrow, "aria-hidden": "true" }),
    element(
      "span",
      { class: "what" },
      element("span", { class: "sr-only", textContent: entry.kind === "webhook" ? "Webhook " : "Carrier API " }),
      `${entry.method} ${path}`,
      element("span", { class: "gist", textContent: gist(entry.form) }),
    ),
    element("span", { class: `status${isBad ? " is-bad" : ""}`, textContent: entry.status }),
    element("span", { class: "took", textContent: `${entry.milliseconds} ms` }),
  );
  const details = element("details", {}, summary);
  // The inside is made when it is first opened: most never are.
  details.addEventListener("toggle", () => details.append(inside(entry)), { once: true });
  return element("li", { class: "exchange" }, details);
}

function gist(form) {
  for (const name of ["Body", "SpeechResult", "Digits", "Result", "CallStatus"]) {
    if (form[name]) return `${name}: ${form[name]}`;
  }
  return "";
}

function inside(entry) {
  const form = element("dl");
  const place = (name) => (SHOWN_FORM_FIRST.indexOf(name) + 1 || 99);
  for (const name of Object.keys(entry.form).sort((one, other) => place(one) - place(other))) {
    form.append(element("dt", { textContent: name }), element("dd", { textContent: entry.form[name] }));
  }
  const made = element("div", { class: "inside" });
  if (entry.signature) {
    made.append(heading("X-Twilio-Signature"), element("pre", { textContent: entry.signature }));
  }
  if (Object.keys(entry.form).length) made.append(heading("Form"), form);
  if (entry.answer) made.append(heading("Answer"), element("pre", {}, ...colored(pretty(entry.answer))));
  return made;
}

const heading = (words) => element("h3", { textContent: words });

function pretty(answer) {
  if (answer.trimStart().startsWith("<")) return indented(answer);
  try {
    return JSON.stringify(JSON.parse(answer), null, 2);
  } catch {
    return answer;
  }
}

// One element a line, indented by depth; text stays with its element as it is.
function indented(xml) {
  let depth = 0;
  return xml
    .split(/(?<=>)\s*(?=<)/)
    .map((part) => {
      if (part.startsWith("</")) depth -= 1;
      const shown = "  ".repeat(Math.max(0, depth)) + part;
      const opens = /^<[^!?/]/.test(part) && !part.endsWith("/>") && !part.includes("</");
      if (opens) depth += 1;
      return shown;
    })
    .join("\n");
}

// Colors tags and attribute or key names; everything goes in as text.
function colored(words) {
  const pattern = /(<\/?[\w-]+|\/?>)|([\w-]+)(?==")|("[\w-]+")(?=:)/g;
  const parts = [];
  let end = 0;
  for (const match of words.matchAll(pattern)) {
    parts.push(words.slice(end, match.index));
    parts.push(element("span", { class: match[1] ? "tag" : "name", textContent: match[0] }));
    end = match.index + match[0].length;
  }
  parts.push(words.slice(end));
  return parts;
}
