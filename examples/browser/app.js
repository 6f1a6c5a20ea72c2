// Three outputs of the stack. These are a local stage's, as `make start` prints them; the client's id is missing.
const ApiUrl = "http://127.0.0.1:3000/dev";
const TokenEndpoint = "http://127.0.0.1:4566/oauth2/token";
const UserPoolClientId = "";

const LOGIN = TokenEndpoint.replace(/\/oauth2\/token$/, "");
const PAGE = `${location.origin}/`; // the template's AllowedOrigin, with a slash
const SCOPE = "openid email";
const STARTED = "sign-in";
const MARGIN = 60; // seconds before its expiry from which a token is not sent any more

// The page's policy lets it call any https address; with this one beside it, it calls the two of the outputs alone.
const policy = document.createElement("meta");
policy.httpEquiv = "Content-Security-Policy";
policy.content = `connect-src ${new URL(ApiUrl).origin} ${new URL(TokenEndpoint).origin}`;
document.head.append(policy);

// The tokens are here and nowhere else: no other page can read them, and after a reload they are gone.
let tokens = null;
let refreshing = null;

async function signIn() {
  const started = { state: random(), nonce: random(), verifier: random() };
  sessionStorage.setItem(STARTED, JSON.stringify(started)); // no secret outlives the sign-in
  const question = new URLSearchParams({
    response_type: "code",
    client_id: UserPoolClientId,
    redirect_uri: PAGE,
    scope: SCOPE,
    state: started.state,
    nonce: started.nonce,
    code_challenge: await challengeOf(started.verifier),
    code_challenge_method: "S256",
  });
  location.assign(`${LOGIN}/oauth2/authorize?${question}`);
}

// Takes what the login page has sent out of the address, where it would stay in the history.
async function finishSignIn() {
  const parameters = new URLSearchParams(location.search);
  const started = JSON.parse(sessionStorage.getItem(STARTED));
  sessionStorage.removeItem(STARTED);
  if (!parameters.has("code") && !parameters.has("error")) return;
  history.replaceState(null, "", PAGE);
  // Another site could send a code of its own, and you would work as somebody else (RFC 6749, 10.12).
  if (started === null || parameters.get("state") !== started.state) {
    throw new Error("This sign-in was not started here. Sign in again.");
  }
  if (parameters.has("error")) throw new Error(`The login page responds with ${parameters.get("error")}.`);
  const issued = await askForTokens({
    grant_type: "authorization_code",
    code: parameters.get("code"),
    redirect_uri: PAGE,
    code_verifier: started.verifier,
  });
  // The signature is the API's to check: this token came from the pool itself (OpenID Connect Core, 3.1.3.7).
  const claims = claimsOf(issued.id_token);
  if (claims.nonce !== started.nonce || claims.aud !== UserPoolClientId) {
    throw new Error("This ID token is not for this sign-in.");
  }
  tokens = issued;
}

// Where refresh tokens rotate, each is good once: calls at the same time share one refresh.
function refresh() {
  refreshing ??= askForTokens({ grant_type: "refresh_token", refresh_token: tokens.refresh_token })
    .then((issued) => {
      tokens = { refresh_token: tokens.refresh_token, ...issued };
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

function signOut() {
  tokens = null;
  const question = new URLSearchParams({ client_id: UserPoolClientId, logout_uri: PAGE });
  location.assign(`${LOGIN}/logout?${question}`);
}

async function call(path) {
  if (claimsOf(tokens.id_token).exp - Date.now() / 1000 < MARGIN) await refresh();
  const response = await send(ApiUrl + path, { headers: { Authorization: `Bearer ${tokens.id_token}` } });
  return `${response.status} GET ${path}\n${await response.text()}`;
}

async function askForTokens(grant) {
  const body = new URLSearchParams({ client_id: UserPoolClientId, ...grant });
  const response = await send(TokenEndpoint, { method: "POST", body });
  if (response.ok) return response.json();
  tokens = null;
  throw new Error(`The token endpoint responds with ${response.status}. Sign in again.`);
}

// A browser does not tell a page whether nobody responded or the page may not read the response.
async function send(url, options) {
  try {
    return await fetch(url, { ...options, cache: "no-store", credentials: "omit", redirect: "error" });
  } catch {
    const { origin } = new URL(url);
    throw new Error(
      `No response of ${origin} that ${location.origin} may read. Is that the stack's parameter AllowedOrigin? ` +
      "The stage's log says so.",
    );
  }
}

function claimsOf(token) {
  const payload = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(payload, (letter) => letter.charCodeAt(0))));
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

// RFC 7636, 4.2
async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function show(text) {
  document.getElementById("signed-out").hidden = tokens !== null || !UserPoolClientId;
  document.getElementById("signed-in").hidden = tokens === null;
  document.getElementById("status").textContent = describe();
  document.getElementById("response").textContent = text;
}

function describe() {
  if (!UserPoolClientId) return "Put your stack's UserPoolClientId at the top of app.js.";
  if (tokens === null) return "Nobody is signed in.";
  const { exp, "cognito:username": username } = claimsOf(tokens.id_token);
  return `${username} is signed in, with a token until ${new Date(exp * 1000).toLocaleTimeString()}.`;
}

async function run(action) {
  try {
    show((await action()) ?? "");
  } catch (error) {
    show(error.message);
  }
}

for (const [id, action] of [
  ["sign-in", signIn],
  ["refresh", () => refresh().then(() => "There is a new ID token.")],
  ["sign-out", signOut],
]) {
  document.getElementById(id).addEventListener("click", () => run(action));
}
for (const button of document.querySelectorAll("[data-path]")) {
  button.addEventListener("click", () => run(() => call(button.dataset.path)));
}
await run(finishSignIn);
