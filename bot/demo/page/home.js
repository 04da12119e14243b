// The app's home tab.

import { complaint, post } from "/page/api.js";
import { renderBlocks } from "/page/blocks.js";
import { today } from "/page/dates.js";
import { byId, fill, h } from "/page/dom.js";
import { readValues } from "/page/inputs.js";
import { warningAt } from "/page/press.js";

let problem = null;

// Tells the bot that a person opened the tab, as Slack does each time.
export async function announceHome(user, redraw) {
  problem = complaint(await post("open-home", { user }));
  redraw();
}

export function showHome(view, context) {
  const section = byId("home");
  const warning = warningAt(context) ?? problem;
  fill(section, JSON.stringify([context.user, view?.hash, warning, today()]), () => [
    warning && h("p", { class: "warning", role: "alert" }, "⚠ ", warning),
    view ? h("div", { class: "home-body" }, renderBlocks(view.blocks, { ...context, before: readValues(section) })) : nothing(),
  ]);
}

function nothing() {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, "Nothing here yet"),
    h("p", {}, "The bot has not published a home tab for this person."));
}
