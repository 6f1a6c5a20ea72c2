// What a probe is given, and what it hands back: a token that the REST API takes.

export const given = JSON.parse(process.env.GIVEN);
export const tokenUrl = `${given.aws}/oauth2/token`;
export const authorizeUrl = `${given.aws}/oauth2/authorize`;

export async function fetchStatus(token, url = `${given.rest}/hono/caller?tag=a`) {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  return response.status;
}

/** Fail unless the REST API lets in the ID token. */
export async function requireToken(idToken) {
  const status = await fetchStatus(idToken);
  if (status !== 200) throw new Error(`the API answers the token with ${status}`);
}

/** Fail unless the token is a machine's. */
export function requireMachine(token) {
  const { scope, client_id: client } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  if (scope !== "api/read" || client !== given.machine_client) throw new Error(`a token of ${client} with ${scope}`);
}

/** Fill the login page at the URL, as a browser would, and return the address that it leads to. */
export async function logIn(url) {
  const page = await fetch(url);
  const html = await page.text();
  const unescape = (text) => text.replaceAll("&amp;", "&").replaceAll("&#x27;", "'").replaceAll("&quot;", '"');
  const fields = [...html.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
  const form = new URLSearchParams(fields.map(([, name, value]) => [name, unescape(value)]));
  form.set("username", given.username);
  form.set("password", given.password);
  const action = new URL(unescape(/<form[^>]*action="([^"]+)"/.exec(html)[1]), page.url);
  const response = await fetch(action, { method: "POST", body: form, redirect: "manual" });
  return response.headers.get("location");
}

/** Fail unless the check takes the good token and refuses one whose payload was changed. */
export async function requireVerifier(verify, token = given.id_token) {
  await verify(token);
  const [head, payload, signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: "somebody-else" })).toString("base64url");
  let isTaken = true;
  try {
    await verify(`${head}.${changed}.${signature}`);
  } catch {
    isTaken = false;
  }
  if (isTaken) throw new Error("a changed token is taken");
}
