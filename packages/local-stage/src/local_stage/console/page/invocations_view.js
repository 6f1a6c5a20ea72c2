// The last invocations that no request has caused: of event sources, of triggers, and of `local-stage invoke`.

import { find, make } from "./dom.js";

const KEPT = 200;

/** Lists them, the newest first. */
export class InvocationsView {
  #items = new Map();

  /** Forget those of a stage that is gone. */
  begin() {
    this.#items.clear();
    find("invocations").replaceChildren();
    find("invocations-card").hidden = true;
  }

  /** Show an invocation, once more where there is more to tell of it. */
  take(invocation) {
    const item = make("li", {}, this.#describe(invocation));
    const known = this.#items.get(invocation.number);
    if (known) {
      known.replaceWith(item);
    } else {
      find("invocations").prepend(item);
      find("invocations-card").hidden = false;
    }
    this.#items.set(invocation.number, item);
    this.#forgetOldest();
  }

  #forgetOldest() {
    if (this.#items.size <= KEPT) return;
    const [number, item] = this.#items.entries().next().value;
    item.remove();
    this.#items.delete(number);
  }

  #describe(invocation) {
    const at = new Date(invocation.at * 1000).toLocaleTimeString("sv-SE");
    const log = invocation.log.map(({ text, platform }) =>
      make("span", platform ? { class: "platform" } : {}, `${text}\n`));
    return make("details", {},
      make("summary", {},
        make("span", { class: `status s${invocation.error_type ? 5 : 2}` }, invocation.error_type ? "failed" : "done"),
        make("span", { class: "verb" }, invocation.source),
        make("span", { class: "path" }, invocation.function),
        make("span", { class: "duration" }, `${(invocation.duration * 1000).toFixed(1)} ms`)),
      make("div", { class: "lines" },
        make("p", { class: "hint" }, `${at} · request id ${invocation.request_id}`),
        invocation.error_type ? make("p", { class: "reason" }, invocation.error_type) : null,
        make("pre", { tabindex: 0, "aria-label": "The function’s log" }, ...log)));
  }
}
