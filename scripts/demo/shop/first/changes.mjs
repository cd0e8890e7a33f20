// One bell for everything that the page shows: flags, the basket, and where answers stand.
const bell = new EventTarget();

/** Say that something has changed; whoever listens looks for itself whether it shows anything else now. */
export const tell = () => bell.dispatchEvent(new Event("change"));

/** Call `listener` after every change; returns a function that ends that. */
export function listen(listener) {
  bell.addEventListener("change", listener);
  return () => bell.removeEventListener("change", listener);
}
