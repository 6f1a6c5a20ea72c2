// The last requests, live: each poll waits for what is newer than the one before.

import { find, make } from "./dom.js";
import { InvocationsView } from "./invocations_view.js";
import { ask } from "./stage.js";

const KEPT = 200;
const PAUSE = 1500; // milliseconds before a stage that does not respond is asked again

function wait(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

/** Lists them, the newest first; a `show` event asks for one in the diagram. */
export class RequestsView extends EventTarget {
  #apis;
  #rows = new Map();
  #first = null;
  #known = new Map();
  #waiting = new Map();
  #invocations = new InvocationsView();

  constructor(stage) {
    super();
    this.#apis = stage.apis;
  }

  /** Ask again and again, for as long as the page is there. */
  async follow() {
    let after = null;
    for (;;) {
      try {
        const content = await ask(after === null ? "/requests" : `/requests?after=${after}`);
        if (content.first !== this.#first) this.#begin(content.first);
        content.requests.forEach((request) => this.#take(request));
        content.invocations.forEach((invocation) => this.#invocations.take(invocation));
        after = content.revision;
        this.#setLive(true);
      } catch {
        this.#setLive(false);
        await wait(PAUSE);
      }
    }
  }

  /** Return the request whose response has this id, as soon as the stage has told of it. */
  find(requestId) {
    if (this.#known.has(requestId)) return Promise.resolve(this.#known.get(requestId));
    return new Promise((resolve) => { this.#waiting.set(requestId, resolve); });
  }

  #begin(first) {
    this.#first = first;
    this.#rows.clear();
    this.#known.clear();
    find("requests").replaceChildren();
    this.#invocations.begin();
  }

  #setLive(isLive) {
    find("live").textContent = isLive ? "live" : "the stage does not respond";
    find("live").classList.toggle("refusal", !isLive);
  }

  #take(request) {
    this.#known.set(request.request_id, request);
    const row = this.#rows.get(request.number) ?? this.#add(request);
    row.lines.replaceChildren(...this.#describe(request));
    this.#waiting.get(request.request_id)?.(request);
    this.#waiting.delete(request.request_id);
  }

  #add(request) {
    const lines = make("div", { class: "lines" });
    const details = make("details", {},
      make("summary", {},
        make("span", { class: `status s${Math.floor(request.status / 100)}` }, String(request.status)),
        make("span", { class: "verb" }, request.method),
        make("span", { class: "path" }, request.path),
        make("span", { class: "caller" }, this.#nameApi(request)),
        make("span", { class: "caller" }, request.caller ?? ""),
        make("span", { class: "duration" }, `${(request.duration * 1000).toFixed(1)} ms`)),
      lines);
    details.addEventListener("toggle", () => {
      if (details.open) this.dispatchEvent(new CustomEvent("show", { detail: this.#known.get(request.request_id) }));
    });
    const item = make("li", {}, details);
    const row = { item, lines, id: request.request_id };
    this.#rows.set(request.number, row);
    find("requests").prepend(item);
    find("no-requests").hidden = true;
    this.#forgetOldest();
    return row;
  }

  /** Return the API's name where there are several: the paths of two may be the same. */
  #nameApi({ api_id: id, stage }) {
    const api = this.#apis.find((other) => other.api_id === id && other.stage_name === stage);
    return this.#apis.length > 1 ? api?.name ?? "" : "";
  }

  #forgetOldest() {
    if (this.#rows.size <= KEPT) return;
    const [number, row] = this.#rows.entries().next().value;
    row.item.remove();
    this.#known.delete(row.id);
    this.#rows.delete(number);
  }

  *#describe(request) {
    const at = new Date(request.at * 1000).toLocaleTimeString("sv-SE");
    yield make("p", { class: "hint" }, `${at} · request id ${request.request_id}`);
    if (request.reason) yield make("p", { class: "reason" }, request.reason);
    if (!request.log.length) {
      yield make("p", { class: "hint" }, "No function was called, or it has logged nothing.");
      return;
    }
    const log = make("pre", { tabindex: 0, "aria-label": "The function’s log" });
    for (const { text, platform } of request.log) {
      log.append(make("span", platform ? { class: "platform" } : {}, `${text}\n`));
    }
    yield log;
  }
}
