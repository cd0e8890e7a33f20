// HTML from templates in which every value is text, unless it is markup itself: a flag's value can never become an element.
const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

function safe(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(safe).join("");
  if (value === undefined || value === null || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => ESCAPED[character]);
}

/** A template tag: html`<p>${text}</p>`. Arrays are joined; undefined, null and false show nothing. */
export const html = (strings, ...values) => new Markup(String.raw({ raw: strings }, ...values.map(safe)));

/** Markup that is written in this code base. */
export const trusted = (text) => new Markup(text);
