// Why a request is let in or refused, decision by decision: the words are those of `local-stage explain`.

import { make } from "./dom.js";
import { ask } from "./stage.js";

const TITLES = { kind: "kind of token", start: "not before", client: "app client" };
const MARKS = { passed: "✓", failed: "✗", "not reached": "·", "not checked": "?" };

function describeStep({ name, outcome, detail }) {
  return make("li", { "data-outcome": outcome },
    make("span", { class: "mark", "aria-hidden": "true" }, MARKS[outcome] ?? "·"),
    make("span", { class: "name" }, TITLES[name] ?? name),
    make("span", { class: "detail" }, make("span", { class: "sr-only" }, `${outcome}: `), detail));
}

/** Show in an element why a route treats a token, or no token, as it does. */
export async function explain(element, { token, route, api }) {
  const explanation = await ask("/explain", { method: "POST", body: { token, route, api } });
  const notes = explanation.notes.map((note) => make("p", { class: "hint" }, note));
  element.replaceChildren(make("section", { class: "block explanation" },
    make("h3", {}, "Explanation"),
    explanation.remedy ? make("p", { class: "remedy" }, explanation.remedy) : null,
    make("p", { class: "hint" }, `${explanation.route.method} ${explanation.route.path} takes ${explanation.route.wants}.`),
    make("ol", { class: "decisions" }, ...explanation.steps.map(describeStep)),
    ...notes));
}
