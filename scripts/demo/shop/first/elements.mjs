// Elements that show flags. The parser calls `connectedCallback` before it goes on, so what an element shows is there whenever the page
// is painted, and nothing has to wait, hide or move. Later changes go through the same function.
import { listen } from "./changes.mjs";

class FlagElement extends HTMLElement {
  #shown;
  #stop;

  /** Returns what the element shows; each defined element has its own. */
  render() {
    return "";
  }

  connectedCallback() {
    this.#stop = listen(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#stop();
  }

  #show() {
    const markup = String(this.render());
    if (markup === this.#shown) return;
    const focused = this.#focused();
    this.#shown = markup;
    this.innerHTML = markup;
    if (focused) this.#find(focused)?.focus();
  }

  #focused() {
    const { activeElement } = document;
    return activeElement instanceof HTMLElement && this.contains(activeElement)
      ? activeElement.dataset.focus
      : undefined;
  }

  /** @returns {HTMLElement | null} */
  #find(name) {
    return this.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  }
}

/** Define a custom element that shows what `render(element)` returns, now and after every change. */
export function define(name, render) {
  const Defined = class extends FlagElement {
    render() {
      return render(this);
    }
  };
  customElements.define(name, Defined);
}
