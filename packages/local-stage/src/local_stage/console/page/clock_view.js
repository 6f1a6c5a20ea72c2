// The stage's clock: shown, set ahead, set right. It tells the others the time they go by.

import { describeSpan, find, tell } from "./dom.js";
import { ask } from "./stage.js";

/** The stage's time; a `tick` event comes each second. */
export class Clock extends EventTarget {
  #difference = 0; // seconds from this browser's clock to the stage's

  constructor() {
    super();
    for (const button of document.querySelectorAll("[data-advance]")) {
      button.addEventListener("click", () => this.#move("POST", { advance: Number(button.dataset.advance) }));
    }
    find("clock-reset").addEventListener("click", () => this.#move("DELETE"));
    setInterval(() => this.#tick(), 1000);
  }

  /** The time by which the stage judges tokens, in Unix seconds. */
  get now() {
    return Date.now() / 1000 + this.#difference;
  }

  async read() {
    this.#show(await ask("/clock"));
  }

  async #move(method, body) {
    try {
      const clock = await ask("/clock", { method, body });
      this.#show(clock);
      tell(find("clock-message"), clock.ahead ? `Now ${describeSpan(clock.ahead)} ahead.` : "Set right.");
    } catch (error) {
      tell(find("clock-message"), error.message, true);
    }
  }

  #show({ now, ahead }) {
    this.#difference = now - Date.now() / 1000;
    find("ahead").hidden = ahead === 0;
    find("ahead").textContent = `${describeSpan(ahead)} ahead`;
    this.#tick();
  }

  #tick() {
    const at = new Date(this.now * 1000);
    find("now").dateTime = at.toISOString();
    find("now").textContent = at.toLocaleString("sv-SE");
    this.dispatchEvent(new Event("tick"));
  }
}
