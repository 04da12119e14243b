// The rows of a conversation: messages with what can be done with them, days, and replies that the channel shows, too.

import { call } from "/page/api.js";
import { dayOf, timeOf } from "/page/dates.js";
import { h } from "/page/dom.js";
import { messageKey, renderCopy, renderMessage, threadHref } from "/page/message.js";

// A channel's messages; the replies stand in their threads.
export function channelRows(messages, contextOf) {
  const rows = [];
  const replies = repliesByParent(messages);
  let day = "";
  for (const message of messages) {
    if (message.thread_ts && !message.reply_broadcast) continue;
    const itsDay = dayOf(message.ts);
    if (itsDay !== day) rows.push({ id: `day ${itsDay}`, key: itsDay, build: () => dayRow(itsDay) });
    day = itsDay;
    rows.push(message.thread_ts ? copyRow(message, contextOf(message))
      : messageRow(message, contextOf(message), replies.get(message.ts) ?? []));
  }
  return rows;
}

export function threadRows(replies, contextOf) {
  return replies.map((message) => ({
    id: message.ts,
    key: messageKey(message, contextOf(message)),
    build: () => h("li", { class: "row reply" }, renderMessage(message, contextOf(message), true), dismiss(message)),
  }));
}

export function repliesTo(messages, ts) {
  return messages.filter((message) => message.thread_ts === ts && message.ts !== ts);
}

function repliesByParent(messages) {
  const replies = new Map();
  for (const message of messages) {
    if (message.thread_ts) replies.set(message.thread_ts, [...(replies.get(message.thread_ts) ?? []), message]);
  }
  return replies;
}

function messageRow(message, context, replies) {
  return {
    id: message.ts,
    key: JSON.stringify([messageKey(message, context), replies.length, replies.at(-1)?.ts]),
    build: () => h("li", { class: "row" }, renderMessage(message, context, false),
      replies.length > 0 && threadLink(message, replies), message.ephemeral_to ? dismiss(message) : actions(message)),
  };
}

// The message itself stands in its thread.
function copyRow(message, context) {
  return {
    id: `copy ${message.ts}`,
    key: messageKey(message, context),
    build: () => h("li", { class: "row" }, renderCopy(message, context)),
  };
}

function threadLink(message, replies) {
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h("a", { class: "thread-link", href: threadHref(message.channel, message.ts) },
    h("strong", {}, count), " ", h("span", { class: "muted" }, `Last reply ${timeOf(replies.at(-1).ts)}`));
}

// What appears while the mouse or the keyboard is on a message.
function actions(message) {
  const done = h("span", { class: "for-readers", role: "status" });
  const copy = async () => {
    await navigator.clipboard?.writeText(`${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}`);
    done.textContent = "Link copied";
  };
  return h("div", { class: "hover-actions", role: "group", "aria-label": `Message from ${timeOf(message.ts)}` },
    h("a", { href: threadHref(message.channel, message.ts) }, "Reply in thread"),
    h("button", { type: "button", onclick: copy }, "Copy link"), done);
}

// Slack lets people dismiss what only they see.
function dismiss(message) {
  if (!message.ephemeral_to) return null;
  const remove = () => call("DELETE", `messages/${message.channel}/${message.ts}`);
  return h("button", { type: "button", class: "quiet dismiss", onclick: remove }, "Dismiss message");
}

function dayRow(day) {
  return h("li", { class: "day" }, h("span", {}, day));
}
