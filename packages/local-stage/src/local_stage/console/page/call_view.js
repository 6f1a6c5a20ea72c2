// Calls a route with the token of one's choice, and shows request, answer and explanation.

import { explain } from "./explanation_view.js";
import { find, make, tell } from "./dom.js";
import { breakToken, shorten } from "./token.js";

const KINDS = [
  ["id", "ID token"], ["access", "Access token"], ["machine", "Machine’s token"], ["none", "None"], ["broken", "Broken"],
];
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

function describeWanted(route) {
  if (!route.authorizer) return "open to all";
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

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The form; an `answered` event brings the id of a request that has its answer. */
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
    find("kinds").replaceChildren(...KINDS.map(([kind, title]) => choice("kind", kind, kind === "id", title)));
    find("routes").addEventListener("change", () => this.#showFields());
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
    return this.#route.method === "ANY" ? "GET" : this.#route.method;
  }

  #showFields() {
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
    tell(find("call-message"), "");
    find("call-message").classList.remove("sr-only");
    const token = await this.#findToken(form.get("kind"));
    const path = `${this.#stage.base_path}${this.#buildPath(form)}`;
    const headers = token === null ? {} : { [route.header ?? "Authorization"]: `Bearer ${token}` };
    const body = WITH_BODY.has(verb) ? find("body").value : undefined;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(path, { method: verb, headers, body, cache: "no-store", credentials: "omit" });
    const text = await response.text();
    this.#show(verb, path, headers, token, body, response, text);
    this.dispatchEvent(new CustomEvent("answered", { detail: response.headers.get("x-amzn-RequestId") }));
    const sent = token === null ? null : `Bearer ${token}`;
    await explain(find("explanation"), { token: sent, route: `${verb} ${path}`, api: this.#stage.api });
  }

  #show(verb, path, headers, token, body, response, text) {
    const sent = Object.entries(headers).map(([name, value]) =>
      `${name}: ${token === null ? value : value.replace(token, shorten(token))}`);
    const request = [`${verb} ${path}`, ...sent, ...(body ? ["", body] : [])].join("\n");
    const got = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    const kind = `s${Math.floor(response.status / 100)}`;
    tell(find("call-message"), `${response.status} ${response.statusText}`);
    find("call-message").classList.add("sr-only"); // the answer below shows it
    find("result").hidden = false;
    find("result").replaceChildren(
      block("Answer",
        make("p", { class: "verdict" }, make("span", { class: `status ${kind}` }, String(response.status)), ` ${response.statusText}`),
        code(pretty(text) || "no body", "The answer’s body"),
        make("details", {}, make("summary", {}, "Headers"), code(got.join("\n"), "The answer’s headers"))),
      make("div", { id: "explanation" }),
      block("Request", code(request, "The request")));
  }
}
