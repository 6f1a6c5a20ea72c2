// The tokens, decoded, with the time that each has left by the stage's clock.

import { describeSpan, find, make } from "./dom.js";
import { readClaims } from "./token.js";

const KINDS = [["id", "ID token"], ["access", "Access token"], ["machine", "Machine’s access token"]];
const TIMES = new Set(["exp", "iat", "nbf", "auth_time"]);

function describeClaim(name, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!TIMES.has(name) || typeof value !== "number") return text;
  return `${text} (${new Date(value * 1000).toLocaleString("sv-SE")})`;
}

/** Shows the session's tokens and lets the time left run. */
export class TokenView {
  #session;
  #clock;
  #watched = [];

  constructor(session, clock) {
    this.#session = session;
    this.#clock = clock;
    session.addEventListener("change", () => this.#show());
    clock.addEventListener("tick", () => this.#tick());
  }

  #show() {
    this.#watched = [];
    const held = KINDS.filter(([kind]) => this.#session.tokens[kind]);
    find("tokens-card").hidden = held.length === 0;
    find("tokens").replaceChildren(
      ...held.map(([kind, title]) => this.#describe(kind, title, this.#session.tokens[kind])),
    );
    this.#tick();
  }

  #describe(kind, title, token) {
    const claims = readClaims(token) ?? {};
    const left = make("span", { class: "left" });
    const meter = make("meter", { min: 0, max: Math.max(1, claims.exp - claims.iat), "aria-label": `${title}: time left` });
    this.#watched.push({ left, meter, expiry: claims.exp });
    const rows = Object.entries(claims).map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, describeClaim(name, value))));
    const copy = make("button", { type: "button", class: "button quiet small" }, "Copy");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(token);
      copy.textContent = "Copied";
    });
    return make("details", { class: "token", open: kind === "id" },
      make("summary", {}, make("span", { class: "name" }, title), left, meter),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}: claims` }, make("table", {}, make("tbody", {}, ...rows))),
      make("div", { class: "row" }, copy, make("span", { class: "hint" }, `${token.length} letters`)));
  }

  #tick() {
    for (const { left, meter, expiry } of this.#watched) {
      const seconds = expiry - this.#clock.now;
      const text = seconds > 0 ? `${describeSpan(seconds)} left` : `expired ${describeSpan(seconds)} ago`;
      left.textContent = text;
      left.classList.toggle("refusal", seconds <= 0);
      meter.value = Math.max(0, seconds);
    }
  }
}
