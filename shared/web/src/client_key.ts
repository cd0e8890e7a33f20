// Only client keys may reach a browser: a server or admin key in a page would be everybody's.

const CLIENT_KEY = "fh_client_";

/** Throws unless `key` is empty or a client key. */
export function checkClientKey(key: string): void {
  if (key && !key.startsWith(CLIENT_KEY)) {
    throw new Error(`flaghoist: only a client key may stand in a page: give one that starts with ${CLIENT_KEY}`);
  }
}
