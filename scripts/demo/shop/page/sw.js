// Keeps the shop for the time without a network: the newest page that this browser was given, and all that it is made of. Flags are none
// of its business: they stand in the page, and the page's own script knows newer ones.
const KEPT = "harbour-1";
const PAGES = ["/", "/checkout"];
const PARTS = ["/shop.css", "/first.js", "/live.js", "/flag.svg", "/fonts/besley.woff2", "/fonts/hanken-grotesk.woff2"];
const SHELL = new Set([...PAGES, ...PARTS]);

async function fill() {
  const cache = await caches.open(KEPT);
  await cache.addAll(PARTS.map((path) => new Request(path, { cache: "reload" })));
  await Promise.all(PAGES.map(fetchPage));
}

/** Only who asks for HTML gets a page with flags. It is put under its path alone, so that the next one replaces it. */
async function fetchPage(path) {
  const answer = await fetch(path, { cache: "reload", headers: { Accept: "text/html" } });
  if (answer.ok) await keep(path, answer);
}

/** Kept while it streams on to the page, which does not wait for it. */
async function keep(path, answer) {
  const cache = await caches.open(KEPT);
  await cache.put(path, answer);
}

async function takeOver() {
  await registration.navigationPreload?.enable();
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  await clients.claim();
}

async function networkFirst(event, path) {
  try {
    // The browser has asked for a page already, while this worker was started.
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    if (answer.ok) event.waitUntil(keep(path, answer.clone()));
    return answer;
  } catch (error) {
    const found = await caches.match(path, { cacheName: KEPT, ignoreVary: true });
    if (!found) throw error;
    return found;
  }
}

addEventListener("install", (event) => event.waitUntil(fill().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const isOurs = event.request.method === "GET" && origin === location.origin && SHELL.has(pathname);
  if (isOurs) event.respondWith(networkFirst(event, pathname));
});
