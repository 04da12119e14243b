// Pressing: asks first where the bot wants that, shows that the bot is working, and warns when it did not answer.

import { complaint, post } from "/page/api.js";
import { confirmed } from "/page/confirm.js";

const pending = new Set();
const warnings = new Map();

export const warningAt = (context) => warnings.get(warningKey(context));

const warningKey = (context) => `${context.user}/${context.placeId}`;

export function pressKey(context, block, element) {
  return `${context.user}/${context.placeId}/${block.block_id}/${element.action_id}`;
}

// Marks a control as the one for `key`, busy when its press is under way: also after a redraw.
export function bind(node, key) {
  node.dataset.press = key;
  if (pending.has(key)) setBusy(node, true);
  return node;
}

function setBusy(node, busy) {
  node.disabled = busy;
  if (busy) node.setAttribute("aria-busy", "true");
  else node.removeAttribute("aria-busy");
}

function setAllBusy(key, busy) {
  for (const node of document.querySelectorAll("[data-press]")) {
    if (node.dataset.press === key) setBusy(node, busy);
  }
}

// What Slack sends about a button or a menu as it was drawn: the message may have changed meanwhile.
export function drawn(block, element, more = {}) {
  const { type, action_id, text, value, style, url } = element;
  return { action: { type, action_id, block_id: block.block_id, text, value, style, url, ...more } };
}

// Sends the act to the bot; resolves when the bot has answered or failed to.
export async function press(context, block, element, choice = {}) {
  if (!(await confirmed(element.confirm, context.names))) return;
  const key = pressKey(context, block, element);
  if (pending.has(key)) return;
  const focused = document.activeElement?.dataset?.press === key;
  pending.add(key);
  setAllBusy(key, true);
  const names = { action_id: element.action_id, block_id: block.block_id };
  const answer = await post("click", { user: context.user, ...context.place, ...context.entered(), ...names, ...choice });
  pending.delete(key);
  setAllBusy(key, false);
  warn(context, complaint(answer));
  if (focused && document.activeElement === document.body) focusOn(key, context.place.ts);
}

function warn(context, text) {
  if (text) warnings.set(warningKey(context), text);
  else if (!warnings.delete(warningKey(context))) return;
  context.redraw();
}

// A control that the bot took away leaves the focus to its message.
function focusOn(key, ts) {
  const nodes = [...document.querySelectorAll("[data-press]")];
  const control = nodes.find((node) => node.dataset.press === key);
  (control ?? document.querySelector(`[data-ts="${CSS.escape(ts ?? "")}"]`))?.focus({ preventScroll: true });
}
