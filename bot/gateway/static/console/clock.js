// The server's time on this machine: waits are counted from it, so a wrong clock here shows no wrong wait.

let ahead = 0;

/** Learn the difference from the Date header of an answer. */
export function learn(dateHeader) {
  const server = Date.parse(dateHeader || "");
  if (!Number.isNaN(server)) ahead = server - Date.now();
}

/** Milliseconds since 1970, by the server's clock. */
export function now() {
  return Date.now() + ahead;
}
