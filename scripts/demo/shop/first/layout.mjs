// What flags say about the page as a whole, on its root element: set in the head, so the body is never laid out without.
import { read } from "./flags.mjs";

const SECTIONS = new Set(["new", "popular", "story"]);
const MOST_COLUMNS = 4;

/** Flag `homepage-layout` with every member in its bounds, and `wide-grid`'s further column. */
export function layout() {
  const { columns, hero, sections } = read("homepage-layout");
  const isList = columns === 1;
  const wanted = Number.isInteger(columns) && columns > 0 ? columns : 3;
  return {
    columns: isList ? 1 : Math.min(MOST_COLUMNS, wanted + (read("wide-grid") ? 1 : 0)),
    title: String(hero?.title ?? ""),
    isMoving: hero?.autoplay === true,
    sections: Array.isArray(sections) ? sections.filter((name) => SECTIONS.has(name)) : [...SECTIONS],
  };
}

function front() {
  const { columns, isMoving } = layout();
  return { columns, hero: isMoving ? "moving" : "still", films: read("product-video") ? "on" : "off" };
}

const checkout = () => ({ checkout: read("new-checkout") ? "page" : "steps" });

/** A page asks for the flags that it shows and for no other: what is asked for is reported as used. */
const OF_PAGE = { "/": front, "/checkout": checkout };

/** Bring the root element's attributes up to date. */
export function dressRoot() {
  const ofPage = OF_PAGE[location.pathname]?.();
  Object.assign(document.documentElement.dataset, { dark: read("dark-mode") ? "offered" : "no", ...ofPage });
}
