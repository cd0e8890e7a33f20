// Sums in cents, and how they are told: flag `price-display` says whether with or without tax.
import { read } from "./flags.mjs";
import { html } from "./markup.mjs";

const TAX_PERCENT = 19;
const DELIVERY_CENTS = 490;
const NEVER = -1;
export const WRAPPING_CENTS = 300;

const euros = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

/** A sum as text. */
export const money = (cents) => euros.format(cents / 100);

const net = (cents) => Math.round(cents / (1 + TAX_PERCENT / 100));

const TOLD = {
  gross: (cents) => [money(cents), "with tax"],
  net: (cents) => [money(net(cents)), "plus tax"],
  both: (cents) => [money(cents), `${money(net(cents))} plus tax`],
};

/** A price with its note; both have their line in every display, so cards keep their height. */
export function price(cents) {
  const [sum, note] = (TOLD[read("price-display")] ?? TOLD.gross)(cents);
  return html`<span class="price">${sum}</span> <span class="note">${note}</span>`;
}

/** What delivery costs for goods of this sum. */
export function deliveryCents(goods) {
  const euros = read("free-shipping-from");
  const isFree = goods === 0 || (euros !== NEVER && goods >= euros * 100);
  return isFree ? 0 : DELIVERY_CENTS;
}

/** One sentence on delivery. */
export function deliveryTerms() {
  const euros = read("free-shipping-from");
  if (euros === 0) return "Free delivery on everything";
  return euros === NEVER ? `Delivery ${money(DELIVERY_CENTS)}` : `Free delivery from ${money(euros * 100)}`;
}

/** The points that goods of this sum earn. */
export const points = (goods) => Math.floor(goods / 100) * read("loyalty-multiplier");
