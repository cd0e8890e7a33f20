// The basket: kept in this browser, shown in the header, in a drawer and beside the checkout.
import { product } from "./catalogue.mjs";
import { tell } from "./changes.mjs";
import { define } from "./elements.mjs";
import { read } from "./flags.mjs";
import { html } from "./markup.mjs";
import { picture } from "./pictures.mjs";
import { deliveryCents, money, points, price, WRAPPING_CENTS } from "./prices.mjs";

const STORED = "harbour.basket";
const MOST = 20;

let content = stored();

function stored() {
  try {
    const { lines = {}, isWrapped = false } = JSON.parse(localStorage.getItem(STORED)) ?? {};
    return { lines: Object.fromEntries(Object.entries(lines).filter(([id]) => product(id))), isWrapped };
  } catch {
    return { lines: {}, isWrapped: false };
  }
}

function keep(next) {
  content = next;
  try {
    localStorage.setItem(STORED, JSON.stringify(next));
  } catch {
    // A browser that stores nothing still has its basket until the page is left.
  }
  tell();
}

function put(id, count) {
  const lines = { ...content.lines, [id]: Math.min(MOST, count) };
  if (count < 1) delete lines[id];
  keep({ ...content, lines });
}

const counted = () => Object.values(content.lines).reduce((sum, count) => sum + count, 0);
const isWrapped = () => content.isWrapped && read("gift-wrapping");

/** Take everything out. */
export const empty = () => keep({ lines: {}, isWrapped: false });

/** What is due, in cents: goods, wrapping, delivery and the total. */
export function due() {
  const goods = Object.entries(content.lines).reduce((sum, [id, count]) => sum + product(id).cents * count, 0);
  const wrapping = isWrapped() ? WRAPPING_CENTS : 0;
  const delivery = deliveryCents(goods);
  return { goods, wrapping, delivery, total: goods + wrapping + delivery };
}

const line = ([id, count]) => html`
  <li>
    <div class="ground ${product(id).ground}">${picture(id)}</div>
    <div class="what"><h3>${product(id).name}</h3><p class="cost">${price(product(id).cents)}</p></div>
    <div class="count">
      <button data-less="${id}" data-focus="less-${id}" aria-label="One ${product(id).name} less">−</button><output>${count}</output>
      <button data-add="${id}" data-focus="more-${id}" aria-label="One ${product(id).name} more">+</button>
    </div>
  </li>`;

const wrapping = () => html`
  <label class="wrapping"><input type="checkbox" data-wrap data-focus="wrap" ${content.isWrapped ? "checked" : ""}> Wrap it as a gift, ${money(WRAPPING_CENTS)}</label>`;

function sums() {
  const { goods, wrapping: wrapped, delivery, total } = due();
  const earned = points(goods);
  return html`
    <dl class="sums">
      <div><dt>Goods</dt><dd>${money(goods)}</dd></div>
      ${wrapped ? html`<div><dt>Wrapping</dt><dd>${money(wrapped)}</dd></div>` : ""}
      <div><dt>Delivery</dt><dd>${delivery ? money(delivery) : "free"}</dd></div>
      <div class="total"><dt>Together</dt><dd>${money(total)}</dd></div>
    </dl>
    <p class="points">Earns ${earned} ${earned === 1 ? "point" : "points"}.</p>`;
}

const nothing = html`<p class="nothing">Nothing in it yet. The rope is good.</p>`;

const lines = () =>
  html`<ul class="lines">${Object.entries(content.lines).map(line)}</ul>${read("gift-wrapping") ? wrapping() : ""}${sums()}`;

define(
  "shop-count",
  () =>
    html`<span class="tally" aria-hidden="true">${counted()}</span><span class="unseen">, ${counted()} in it</span>`,
);
const drawer = () => /** @type {HTMLDialogElement} */ (document.getElementById("basket"));

// Behind a closed drawer nothing is shown, so no flag is asked for.
define("shop-basket", () => {
  if (!drawer()?.open) return "";
  if (!counted()) return nothing;
  return html`${lines()}<a class="go" href="/checkout" data-focus="checkout">${read("checkout-button-text")}</a>`;
});
define("shop-order", () => (counted() ? lines() : nothing));

const DEEDS = {
  add: (id) => put(id, (content.lines[id] ?? 0) + 1),
  less: (id) => put(id, content.lines[id] - 1),
  wrap: () => keep({ ...content, isWrapped: !content.isWrapped }),
  openBasket: () => {
    drawer().showModal();
    tell();
  },
  closeBasket: () => drawer().close(),
};

function say(text) {
  const status = document.getElementById("said");
  if (status) status.textContent = text;
}

const DOING = "[data-add], [data-less], [data-wrap], [data-open-basket], [data-close-basket]";

document.addEventListener("click", ({ target }) => {
  const found = /** @type {Element} */ (target).closest(DOING);
  if (!(found instanceof HTMLElement)) return;
  for (const [name, deed] of Object.entries(DEEDS)) {
    if (name in found.dataset) deed(found.dataset[name]);
  }
  if ("add" in found.dataset) say(`${product(found.dataset.add).name} is in the basket.`);
});

// Another tab of the same shop has changed it.
addEventListener("storage", ({ key }) => {
  if (key !== STORED) return;
  content = stored();
  tell();
});
