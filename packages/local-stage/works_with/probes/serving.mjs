// Serves an application on a free port, and calls it with tokens.

import { requireVerifier } from "./given.mjs";

export async function requireGuard(listener, token) {
  const server = listener.listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  try {
    await requireVerifier(async (one) => {
      const response = await fetch(url, { headers: { Authorization: `Bearer ${one}` } });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    }, token);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
