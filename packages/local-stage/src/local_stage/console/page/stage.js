// Asks the console of the stage that serves this page.

export const CONSOLE = "/.local-stage";

/** Why something was not done, in words for the developer. */
export class Refusal extends Error {}

/** Return the content of the console’s response, which is JSON. Throws Refusal with its own words. */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(CONSOLE + path, {
      method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The stage does not respond.");
  }
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(content.message ?? `The stage responds with ${response.status}.`);
  return content;
}
