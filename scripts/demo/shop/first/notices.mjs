// Words that operators change without a deployment: banner, notices, the headline, and what the law or marketing wants at the bottom.
import { define } from "./elements.mjs";
import { read } from "./flags.mjs";
import { layout } from "./layout.mjs";
import { html } from "./markup.mjs";
import { deliveryTerms } from "./prices.mjs";

const said = (kind, text) => (text ? html`<p class="${kind}">${text}</p>` : "");

const COOKIES = {
  full: html`<h2>One cookie</h2><p>It holds a random number, so that you see the same shop tomorrow, and it tells nobody who you are.</p>`,
  short: html`<p>This shop keeps one cookie: a random number, so that you see the same shop tomorrow.</p>`,
};

const newsletter = html`
  <section class="letter" aria-labelledby="letter-title">
    <div><h2 id="letter-title">A letter, four times a year</h2><p>What is new, what is mended, and when the ice goes.</p></div>
    <form data-letter><label for="letter-address">Your address</label>
      <input id="letter-address" type="email" required autocomplete="email" placeholder="you@example.com"><button>Write to me</button></form>
  </section>`;

define("shop-banner", () => said("banner", read("store-banner")));
define("shop-maintenance", () => said("maintenance", read("maintenance-notice")));
// All of it at once: in the middle of the chart, words that came one after another would move each other.
define(
  "shop-words",
  () => html`
  <h1>${layout().title}</h1>
  <p>Lanterns, line and warm things, chosen by people who have been wet. Sent from the harbour the day you ask.</p>
  <a class="go" href="#popular">See what others buy</a>`,
);
define("shop-delivery", () => html`<p class="terms">${deliveryTerms()}</p>`);
define("shop-letter", () => (read("newsletter-prompt") ? newsletter : ""));
define("shop-cookies", () =>
  COOKIES[read("cookie-notice")] ? html`<aside class="cookies">${COOKIES[read("cookie-notice")]}</aside>` : "",
);
