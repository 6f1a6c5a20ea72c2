// Who has signed in. The tokens are kept in this page's memory alone, and are gone when it is.

import { CONSOLE, Refusal, ask } from "./stage.js";
import { readClaims } from "./token.js";

const LOGIN = "login";

function encode(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function randomText() {
  return encode(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier) {
  // RFC 7636, 4.2: S256
  return encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

/** The tokens that there are; a `change` event says that they are others. */
export class Session extends EventTarget {
  #stage;
  #refreshToken = null;
  #clientId = null; // of the app client that has issued the tokens
  #clientSecret = ""; // its secret, where the login form's client has one

  tokens = {};

  constructor(stage) {
    super();
    this.#stage = stage;
  }

  get user() {
    const claims = readClaims(this.tokens.id ?? "");
    // Where people sign in by an address, their user name is an id that says nothing.
    return (this.#stage.signs_in_by && claims?.[this.#stage.signs_in_by]) ?? claims?.["cognito:username"] ?? null;
  }

  /** Send the browser to the pool's login form (RFC 6749, 4.1, with PKCE). */
  async beginLogin() {
    const login = await ask("/login", { method: "POST", body: {} });
    const verifier = randomText();
    const state = randomText();
    sessionStorage.setItem(LOGIN, JSON.stringify({ ...login, verifier, state }));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: login.client_id,
      redirect_uri: login.redirect_uri,
      scope: login.scope,
      state,
      code_challenge: await challengeOf(verifier),
      code_challenge_method: "S256",
    });
    location.assign(`${login.authorize_url}?${query}`);
  }

  /** Whether the browser has come back from the login form (RFC 6749, 4.1.2). */
  get hasReturned() {
    const parameters = new URLSearchParams(location.search);
    return parameters.has("code") || parameters.has("error");
  }

  /** Exchange the code that the login form has sent the browser back with. */
  async finishLogin() {
    const parameters = new URLSearchParams(location.search);
    const saved = sessionStorage.getItem(LOGIN);
    this.forgetLogin();
    history.replaceState(null, "", `${CONSOLE}/`);
    const login = saved === null ? null : JSON.parse(saved);
    if (login === null || parameters.get("state") !== login.state) {
      throw new Refusal("That sign-in was not begun here; begin anew.");
    }
    if (parameters.has("error")) {
      throw new Refusal(`The pool refuses: ${parameters.get("error_description") ?? parameters.get("error")}`);
    }
    this.#clientId = login.client_id;
    this.#clientSecret = login.client_secret;
    await this.#exchange({
      grant_type: "authorization_code",
      client_id: login.client_id,
      redirect_uri: login.redirect_uri,
      code: parameters.get("code"),
      code_verifier: login.verifier,
    });
  }

  /** Keep no verifier of a login that was given up. */
  forgetLogin() {
    sessionStorage.removeItem(LOGIN);
  }

  /** Sign in as the article does: InitiateAuth with USER_PASSWORD_AUTH. */
  async signIn(username, password) {
    this.#clientSecret = "";
    this.#clientId = this.#stage.password_client_id;
    if (this.#clientId === null) {
      // No app client takes a password from a browser: the stage signs in as its command does.
      const content = await ask("/sign-in", { method: "POST", body: { username, password } });
      this.#clientId = content.client_id;
      this.#take({ id: content.id_token, access: content.access_token }, content.refresh_token);
      return;
    }
    const content = await this.#call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: this.#clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    });
    if (!content.AuthenticationResult) {
      throw new Refusal(`The pool asks for ${content.ChallengeName}; sign in by the login form.`);
    }
    const result = content.AuthenticationResult;
    this.#take({ id: result.IdToken, access: result.AccessToken }, result.RefreshToken);
  }

  /** Make a user of the local pool, who can sign in at once. */
  async createUser(username, password) {
    await ask("/users", { method: "POST", body: { username, password } });
  }

  async refresh() {
    await this.#exchange({
      grant_type: "refresh_token",
      client_id: this.#clientId,
      refresh_token: this.#refreshToken,
    });
  }

  /** Forget the tokens, and revoke what would renew them. */
  async signOut() {
    const token = this.#refreshToken;
    this.#take({ machine: this.tokens.machine }, null);
    await this.#call("RevokeToken", { ClientId: this.#clientId, Token: token });
  }

  /** Return the token of this kind, fetched first if it is a machine's; null where there is none. */
  async token(kind) {
    if (kind === "machine" && !this.tokens.machine) {
      const content = await ask("/machine-token", { method: "POST", body: {} });
      this.#take({ ...this.tokens, machine: content.access_token }, this.#refreshToken);
    }
    return this.tokens[kind] ?? null;
  }

  #take(tokens, refreshToken) {
    this.tokens = tokens;
    this.#refreshToken = refreshToken;
    this.dispatchEvent(new Event("change"));
  }

  async #exchange(form) {
    const url = `${this.#stage.aws_endpoint_url}/oauth2/token`;
    const secret = this.#clientSecret ? { client_secret: this.#clientSecret } : {};
    const content = await this.#fetch(url, { method: "POST", body: new URLSearchParams({ ...form, ...secret }) });
    const { machine } = this.tokens;
    const tokens = { id: content.id_token, access: content.access_token, machine };
    this.#take(tokens, content.refresh_token ?? this.#refreshToken);
  }

  async #call(action, body) {
    const headers = {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
    };
    const url = `${this.#stage.aws_endpoint_url}/`;
    return this.#fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #fetch(url, options) {
    let response;
    try {
      response = await fetch(url, options);
    } catch {
      throw new Refusal("The local pool does not respond.");
    }
    const content = await response.json().catch(() => ({}));
    if (response.ok) return content;
    const why = content.message ?? content.error_description ?? content.error ?? response.status;
    throw new Refusal(`The pool refuses: ${why}`);
  }
}
