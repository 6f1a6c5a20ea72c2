// The article's sequence diagram: its steps light up as a request passes, or stops.

import { draw, find, make, tell } from "./dom.js";

const LIVES = [["Client", 80], ["User pool", 330], ["API Gateway", 580], ["Function", 820]];
const NUMERALS = "①②③④⑤⑥⑦⑧";
const STEPS = [
  [0, 1, "user name and password"],
  [1, 0, "ID, access and refresh token"],
  [0, 2, "request with a token"],
  [2, 1, "is this token good?"],
  [1, 2, "the verdict"],
  [2, 3, "event with the claims"],
  [3, 2, "the function’s response"],
  [2, 0, "HTTP response"],
];
const TOP = 62;
const GAP = 32;
const WORDS = { passed: "passed", stopped: "stopped here", skipped: "not needed", "not reached": "not reached" };

/** Draws the way of one request at a time. */
export class SequenceView {
  #arrows = [];
  #items = [];

  constructor() {
    const height = TOP + GAP * STEPS.length;
    const picture = draw("svg", { viewBox: `0 0 900 ${height}`, "aria-hidden": "true", class: "picture" });
    for (const [name, x] of LIVES) {
      picture.append(
        draw("line", { x1: x, y1: 40, x2: x, y2: height - 6, class: "life" }),
        draw("rect", { x: x - 66, y: 6, width: 132, height: 34, rx: 8, class: "actor" }),
        draw("text", { x, y: 28, class: "actor-name" }, name));
    }
    STEPS.forEach(([from, to, label], index) => picture.append(this.#drawStep(from, to, label, index)));
    const list = make("ol", { class: "steps" });
    STEPS.forEach(([from, to, label], index) => list.append(this.#listStep(from, to, label, index)));
    find("sequence").replaceChildren(picture, list);
  }

  #drawStep(from, to, label, index) {
    const y = TOP + GAP * index + 6;
    const [start, end] = [LIVES[from][1], LIVES[to][1]];
    const way = end > start ? 1 : -1;
    const tip = end - way * 3;
    const arrow = draw("g", { class: "step", "data-step": index + 1 },
      draw("path", { d: `M${start} ${y}H${tip}`, class: "line" }),
      draw("path", { d: `M${tip - way * 8} ${y - 5}L${tip} ${y}L${tip - way * 8} ${y + 5}`, class: "tip" }),
      draw("circle", { cx: start, cy: y, r: 12, class: "dot" }),
      draw("text", { x: start, y: y + 4.5, class: "number" }, String(index + 1)),
      draw("text", { x: (start + end) / 2, y: y - 7, class: "label" }, label));
    this.#arrows.push(arrow);
    return arrow;
  }

  #listStep(from, to, label, index) {
    const state = make("span", { class: "state" });
    const item = make("li", { class: "step" },
      make("span", { class: "numeral", "aria-hidden": "true" }, String(index + 1)),
      make("span", {}, `${LIVES[from][0]} → ${LIVES[to][0]}: ${label}`), state);
    this.#items.push([item, state]);
    return item;
  }

  /** Show how far a request came; `isSignedIn` says whether this page has done the first two steps. */
  show(request, isSignedIn) {
    const before = isSignedIn ? "passed" : "skipped";
    const outcomes = { 1: before, 2: before, ...request.steps };
    STEPS.forEach((_, index) => {
      const outcome = outcomes[index + 1];
      for (const element of [this.#arrows[index], this.#items[index][0]]) {
        element.dataset.outcome = outcome;
        element.classList.toggle("good", outcome === "passed" && index + 1 < 8);
        element.classList.toggle("ended-well", index + 1 === 8 && request.status < 400);
        element.classList.toggle("ended-badly", index + 1 === 8 && request.status >= 400);
      }
      const status = index + 1 === STEPS.length && outcome === "passed" ? `with ${request.status}` : null;
      this.#items[index][1].textContent = status ?? WORDS[outcome] ?? outcome;
    });
    tell(find("way-summary"), this.#summarise(request, outcomes), request.status >= 400);
  }

  #summarise(request, outcomes) {
    const stopped = Object.keys(outcomes).find((step) => outcomes[step] === "stopped");
    const where = stopped ? ` It stopped at ${NUMERALS[stopped - 1]}: ${request.reason ?? "see the response"}` : "";
    return `${request.method} ${request.path} got ${request.status}.${where}`;
  }
}
