// Makes elements. Text only ever goes in as text, so nothing a member writes can become markup.
export const byId = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
export const money = (cents) => dollars.format(cents / 100);

// 2026-12-03 -> Dec 3
const shortDay = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
export const day = (iso) => (iso ? shortDay.format(new Date(iso)) : "");

// +17065550111 -> +1 706 555 0111
export const spacedPhone = (phone) => phone.replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4");

// Scrolls a log to its end, unless the reader has scrolled up to look at something.
export function followEnd(log, wasAtEnd) {
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
}
export const isAtEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

// Only the box moves. `scrollIntoView` also makes Tab begin at the item, behind the links that skip to the parts.
export function scrollWithin(box, item) {
  const frame = box.getBoundingClientRect();
  const place = item.getBoundingClientRect();
  if (place.bottom > frame.bottom) box.scrollTop += place.bottom - frame.bottom;
  if (place.top < frame.top) box.scrollTop -= frame.top - place.top;
}
