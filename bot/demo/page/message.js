// One message: who, when, what, and what the bot's buttons did not manage.

import { avatar } from "/page/avatar.js";
import { renderBlocks } from "/page/blocks.js";
import { fullTimeOf, timeOf, today } from "/page/dates.js";
import { h } from "/page/dom.js";
import { mrkdwn } from "/page/mrkdwn.js";
import { warningAt } from "/page/press.js";

export const threadHref = (channel, ts) => `#${channel}/${ts}/thread`;

export function messageKey(message, context) {
  return JSON.stringify([message, warningAt(context), context.user, today()]);
}

// A reply in the channel, with the way to its thread.
export function renderCopy(message, context) {
  const author = context.author(message.user);
  return h("article", { class: "message copy", "aria-label": `Also in the channel: ${author.name}, ${timeOf(message.ts)}` },
    avatar(author),
    h("div", { class: "message-main" }, byline(author, message),
      h("p", { class: "only-you" }, "replied to ", h("a", { href: threadHref(message.channel, message.thread_ts) }, "a thread")),
      h("div", { class: "message-body" }, bodyOf(message, context))));
}

export function renderMessage(message, context, isReply) {
  const author = context.author(message.user);
  const warning = warningAt(context);
  return h("article", {
    class: `message${message.ephemeral_to ? " ephemeral" : ""}`, "data-ts": message.ts, tabindex: "-1",
    "aria-label": `${isReply ? "In the thread: " : ""}${author.name}, ${timeOf(message.ts)}`,
  },
  avatar(author, isReply ? "small" : ""),
  h("div", { class: "message-main" },
    message.ephemeral_to && h("p", { class: "only-you" }, "Only visible to you"),
    byline(author, message),
    h("div", { class: "message-body" }, bodyOf(message, context)),
    warning && h("p", { class: "warning", role: "alert" }, h("span", { "aria-hidden": "true" }, "⚠ "), warning)));
}

function byline(author, message) {
  return h("div", { class: "byline" },
    h("strong", {}, author.name),
    author.is_bot && h("span", { class: "app-mark" }, "APP"),
    h("time", { title: fullTimeOf(message.ts) }, timeOf(message.ts)),
    message.edited_count > 0 && h("span", { class: "edited", title: fullTimeOf(message.edited_ts) }, "(edited)"));
}

function bodyOf(message, context) {
  return message.blocks.length ? renderBlocks(message.blocks, context) : mrkdwn(message.text, context.names);
}
