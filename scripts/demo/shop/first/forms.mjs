// The two forms: a letter, and the checkout, which flag `new-checkout` shows as one page or as two steps.
import { due, empty } from "./basket.mjs";
import { listen } from "./changes.mjs";
import { define } from "./elements.mjs";
import { read } from "./flags.mjs";
import { html } from "./markup.mjs";
import { money } from "./prices.mjs";

const track = (name, details) => globalThis.Flaghoist?.track?.(name, details);

define(
  "shop-pay",
  () =>
    html`<button class="go" data-focus="pay">${read("checkout-button-text")} <small>${money(due().total)}</small></button>`,
);

const isFirstOfTwo = (form) => !read("new-checkout") && form.dataset.step === "1";

/** Fields that are not shown take no part: a browser would refuse to send them, and could not say why. */
function settle() {
  const form = document.querySelector("form[data-checkout]");
  if (!form) return;
  const second = /** @type {HTMLFieldSetElement} */ (form.querySelector(".second"));
  second.disabled = isFirstOfTwo(form);
}

function toStep(form, step) {
  form.dataset.step = step;
  settle();
  form.querySelector(step === "2" ? ".second input" : ".first input").focus();
}

function thank(form, title, text) {
  const thanks = document.createElement("div");
  thanks.className = "thanks";
  thanks.tabIndex = -1;
  thanks.innerHTML = String(html`<h2>${title}</h2><p>${text}</p>`);
  form.replaceWith(thanks);
  thanks.focus();
}

function order(form) {
  if (isFirstOfTwo(form)) {
    toStep(form, "2");
    return;
  }
  const { total } = due();
  track("purchase", { value: total / 100 });
  empty();
  thank(
    form,
    "Thank you",
    `Your order of ${money(total)} is noted, and as this is a demonstration, nothing else happens.`,
  );
}

function subscribe(form) {
  track("newsletter-signup");
  thank(form, "Fair winds", "You would hear from us in spring. This is a demonstration, so the address was not sent.");
}

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const deed = "checkout" in form.dataset ? order : "letter" in form.dataset ? subscribe : undefined;
  if (!deed) return;
  event.preventDefault();
  deed(form);
});

document.addEventListener("click", ({ target }) => {
  /** @type {HTMLButtonElement | null} */
  const back = /** @type {Element} */ (target).closest("[data-back]");
  if (back) toStep(back.form, "1");
});

document.addEventListener("DOMContentLoaded", settle);
listen(settle);
