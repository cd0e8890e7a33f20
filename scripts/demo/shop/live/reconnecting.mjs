// The stock provider tells when its stream breaks, but not when it is back. So ask again, at growing intervals, until an answer is fresh.
const { isOpen, lineIs } = globalThis.Shop;

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Wait, but no longer than until the browser is back on a network.
 * @returns {Promise<void>}
 */
function pause(delay) {
  return new Promise((done) => {
    const timer = setTimeout(done, delay);
    const goOn = () => {
      clearTimeout(timer);
      done();
    };
    addEventListener("online", goOn, { once: true });
  });
}

/** Returns a function to call when the line is in doubt; `ask` fetches anew, and whoever listens says when the line is open. */
export function reconnecting(ask) {
  let isTrying = false;

  return async () => {
    lineIs(navigator.onLine ? "broken" : "off");
    if (isTrying) return;
    isTrying = true;
    for (let delay = FIRST_MS; !isOpen(); delay = Math.min(LONGEST_MS, 2 * delay)) {
      if (navigator.onLine) await ask();
      await pause(delay);
    }
    isTrying = false;
  };
}
