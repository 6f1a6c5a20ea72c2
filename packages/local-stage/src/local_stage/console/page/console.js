// Puts the page together.

import { CallView } from "./call_view.js";
import { Clock } from "./clock_view.js";
import { find, make, tell } from "./dom.js";
import { RequestsView } from "./requests_view.js";
import { SequenceView } from "./sequence_view.js";
import { Session } from "./session.js";
import { ask } from "./stage.js";
import { TokenView } from "./token_view.js";

const ADDRESSES = { email: "E-mail address", phone_number: "Phone number" };

function showUser(session) {
  const { user } = session;
  find("signed-out").hidden = user !== null;
  find("signed-in").hidden = user === null;
  find("user").textContent = user ?? "";
  find("avatar").textContent = (user ?? "?").slice(0, 1).toUpperCase();
}

/** Do what a button or a form is for, and say how it went. */
async function attempt(session, action, done) {
  const message = find("session-message");
  try {
    tell(message, "");
    await action();
    tell(message, done);
  } catch (error) {
    tell(message, error.message, true);
  }
  showUser(session);
}

function listen(session) {
  find("login").addEventListener("click", () => attempt(session, () => session.beginLogin(), "To the login form …"));
  find("refresh").addEventListener("click", () => attempt(session, () => session.refresh(), "New tokens."));
  find("sign-out").addEventListener("click", async () => {
    const done = "Signed out. The API takes an ID token that someone has copied until it expires.";
    await attempt(session, () => session.signOut(), done);
    find("login").focus();
  });
  find("password-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const isNew = event.submitter?.value === "create";
    event.target.elements.password.value = "";
    attempt(session, async () => {
      if (isNew) await session.createUser(form.get("username"), form.get("password"));
      await session.signIn(form.get("username"), form.get("password"));
    }, isNew ? "Created, and signed in." : "Signed in.");
  });
}

/** Say which API this page is for, and lead to those of the others: each has its own port. */
function showApis(stage) {
  const others = stage.apis.filter((api) => api.name !== stage.api);
  const served = others.length ? `${stage.api} of ${stage.template}` : stage.template;
  find("where").textContent = stage.api === null
    ? `${stage.template} has no API at this port`
    : `${location.origin}${stage.base_path} serves ${served}`;
  find("apis").hidden = !others.length;
  find("apis").replaceChildren(...others.map((api) => {
    const page = new URL(api.console_url);
    page.hostname = location.hostname;
    return make("a", { href: page.href }, `${api.name} at ${page.host}`);
  }));
}

async function begin() {
  const stage = await ask("/stage");
  showApis(stage);
  find("pool").textContent = stage.foreign_user_pool_arn
    ? `The stage takes tokens of ${stage.foreign_user_pool_arn} alone: those of the local pool are refused.`
    : stage.user_pool_id
      ? `A user of the local pool ${stage.user_pool_id}.`
      : "Nobody can sign in here: the API has no user pool on this machine. A token or key of another kind goes into the headers of a call.";
  for (const id of ["login", "login-or", "password-form"]) find(id).hidden = stage.user_pool_id === null;
  find("username-label").textContent = ADDRESSES[stage.signs_in_by] ?? "User name";
  const session = new Session(stage);
  const clock = new Clock();
  const sequence = new SequenceView();
  const requests = new RequestsView(stage);
  new TokenView(session, clock);
  const show = (request) => {
    sequence.show(request, session.user !== null);
    find("way").scrollIntoView({ block: "nearest" });
  };
  requests.addEventListener("show", (event) => show(event.detail));
  find("call").hidden = !stage.routes.length;
  if (stage.routes.length) {
    const call = new CallView(stage, session);
    call.addEventListener("response", async (event) => show(await requests.find(event.detail)));
  }
  listen(session);
  requests.follow();
  await clock.read();
  if (session.hasReturned) await attempt(session, () => session.finishLogin(), "Signed in.");
  else session.forgetLogin();
}

begin().catch((error) => {
  find("fault").hidden = false;
  tell(find("fault"), error.message, true);
});
