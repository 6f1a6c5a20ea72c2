// Calls a route with the token of one's choice, and shows request, response and explanation.

import { explain } from "./explanation_view.js";
import { find, make, tell } from "./dom.js";
import { breakToken, shorten } from "./token.js";

const KINDS = [
  ["id", "ID token"], ["access", "Access token"], ["machine", "Machine’s token"], ["none", "None"], ["broken", "Broken"],
];
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

function describeWanted(route) {
  const key = route.api_key_required ? " and an API key" : "";
  return `${describeCaller(route)}${key}`;
}

function describeCaller(route) {
  if (!route.authorizer) return "open to all";
  if (route.authorizer_kind === "iam") return "an AWS signature";
  if (route.authorizer_kind === "lambda") return route.header ? `${route.header}, as its function asks` : "what its function asks for";
  if (route.token === "any" && !route.scopes.length) return "ID or access token";
  return route.token === "id" ? "ID token" : `access token with ${route.scopes.join(" or ")}`;
}

function describeRoute(route) {
  return [
    make("span", { class: `verb v${route.method}` }, route.method),
    make("span", { class: "path" }, route.path),
    make("span", { class: "wanted" }, describeWanted(route), route.authorizer ? make("small", {}, ` · ${route.authorizer}`) : null),
  ];
}

function choice(group, value, isChosen, ...content) {
  const input = make("input", { type: "radio", name: group, value, checked: isChosen });
  return make("label", { class: "choice" }, input, make("span", { class: "content" }, ...content));
}

function block(title, ...children) {
  return make("section", { class: "block" }, make("h3", {}, title), ...children);
}

function code(text, label) {
  return make("pre", { tabindex: 0, "aria-label": label }, text);
}

/** Return how a header is spelled among others, whose names match without regard to case. */
function findName(headers, name) {
  return Object.keys(headers).find((one) => one.toLowerCase() === name.toLowerCase());
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The form; a `response` event brings the id of a request that has its response. */
export class CallView extends EventTarget {
  #stage;
  #routes;
  #session;

  constructor(stage, session) {
    super();
    this.#stage = stage;
    this.#session = session;
    const calls = stage.routes.filter((route) => route.method !== "OPTIONS");
    const preflights = stage.routes.filter((route) => route.method === "OPTIONS");
    this.#routes = [...calls, ...preflights];
    const first = Math.max(0, this.#routes.findIndex((route) => ["id", "any"].includes(route.token) && route.path.split("/").length === 2));
    const choices = this.#routes.map((route, index) => choice("route", index, index === first, ...describeRoute(route)));
    find("routes").replaceChildren(
      ...choices.slice(0, calls.length),
      make("details", { class: "preflights", hidden: !preflights.length },
        make("summary", {}, `${preflights.length} preflights`), make("div", {}, ...choices.slice(calls.length))));
    const kinds = stage.user_pool_id === null ? KINDS.filter(([kind]) => kind === "none") : KINDS;
    find("kinds").replaceChildren(...kinds.map(([kind, title]) => choice("kind", kind, kind === kinds[0][0], title)));
    find("routes").addEventListener("change", () => this.#showFields());
    find("verb").replaceChildren(...VERBS.map((verb) => make("option", {}, verb)));
    find("call-form").addEventListener("input", () => this.#forgetResponse());
    find("call-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#call().catch((error) => tell(find("call-message"), error.message, true));
    });
    this.#showFields();
  }

  get #route() {
    return this.#routes[Number(new FormData(find("call-form")).get("route"))];
  }

  get #verb() {
    return this.#route.method === "ANY" ? find("verb").value : this.#route.method;
  }

  /** A response stands beside the request that it is of, and beside no other. */
  #forgetResponse() {
    find("body-field").hidden = !WITH_BODY.has(this.#verb);
    find("result").hidden = true;
    find("result").replaceChildren();
    tell(find("call-message"), "");
  }

  #showFields() {
    find("verb-field").hidden = this.#route.method !== "ANY";
    find("body-field").hidden = !WITH_BODY.has(this.#verb);
    const names = [...this.#route.path.matchAll(/\{([^}+]+)\+?\}/g)].map((match) => match[1]);
    find("parameters").replaceChildren(...names.map((name) =>
      make("label", {}, name, make("input", { name: `path-${name}`, required: true }))));
  }

  #buildPath(form) {
    return this.#route.path.replace(/\{([^}+]+)(\+?)\}/g, (_, name, greedy) => {
      const value = form.get(`path-${name}`);
      return greedy ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
    });
  }

  #buildQuery(form) {
    const query = form.get("query").trim().replace(/^\?/, "");
    return query && `?${query}`;
  }

  /** Return the headers that stand in the form, one a line, as `[name, value]`. */
  #readHeaders(form) {
    return form.get("headers").split("\n").filter((line) => line.trim()).map((line) => {
      const [name, ...rest] = line.split(":");
      if (!rest.length || !name.trim()) throw new Error(`This is no header: ${line}. Write Name: value, one a line.`);
      return [name.trim(), rest.join(":").trim()];
    });
  }

  async #findToken(kind) {
    if (kind === "none") return null;
    if (kind === "broken") return this.#session.tokens.id ? breakToken(this.#session.tokens.id) : "not.a.token";
    const token = await this.#session.token(kind);
    if (token === null) throw new Error("Sign in first: there is no such token yet.");
    return token;
  }

  async #call() {
    const form = new FormData(find("call-form"));
    const [route, verb] = [this.#route, this.#verb];
    this.#forgetResponse();
    find("call-message").classList.remove("sr-only");
    const token = await this.#findToken(form.get("kind"));
    const path = `${this.#stage.base_path}${this.#buildPath(form)}${this.#buildQuery(form)}`;
    const identity = route.header ?? "Authorization";
    const headers = token === null ? {} : { [identity]: `Bearer ${token}` };
    const body = WITH_BODY.has(verb) ? find("body").value : undefined;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    for (const [name, value] of this.#readHeaders(form)) {
      delete headers[findName(headers, name)];
      headers[name] = value;
    }
    const response = await fetch(path, { method: verb, headers, body, cache: "no-store", credentials: "omit" });
    const text = await response.text();
    this.#show(verb, path, headers, token, body, response, text);
    this.dispatchEvent(new CustomEvent("response", { detail: response.headers.get("x-amzn-RequestId") }));
    const { search } = new URL(path, location.href); // as the browser has sent it: { } | stay as they are
    await explain(find("explanation"), {
      token: headers[findName(headers, identity)] ?? null, route: `${verb} ${path.split("?")[0]}${search}`, api: this.#stage.api,
    });
  }

  #show(verb, path, headers, token, body, response, text) {
    const sent = Object.entries(headers).map(([name, value]) =>
      `${name}: ${token === null ? value : value.replace(token, shorten(token))}`);
    const request = [`${verb} ${path}`, ...sent, ...(body ? ["", body] : [])].join("\n");
    const got = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    const kind = `s${Math.floor(response.status / 100)}`;
    tell(find("call-message"), `${response.status} ${response.statusText}`);
    find("call-message").classList.add("sr-only"); // the response below shows it
    find("result").hidden = false;
    find("result").replaceChildren(
      block("Response",
        make("p", { class: "verdict" }, make("span", { class: `status ${kind}` }, String(response.status)), ` ${response.statusText}`),
        code(pretty(text) || "no body", "The response’s body"),
        make("details", {}, make("summary", {}, "Headers"), code(got.join("\n"), "The response’s headers"))),
      make("div", { id: "explanation" }),
      block("Request", code(request, "The request")));
  }
}
