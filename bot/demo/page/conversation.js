// The open conversation: only messages that changed are drawn anew, and the reader's place is kept.

import { dayOf } from "/page/dates.js";
import { byId, h } from "/page/dom.js";
import { messageKey, renderCopy, renderMessage } from "/page/message.js";

const NEAR_BOTTOM_PX = 80;

export class Conversation {
  #nodes = new Map();
  #channel = null;
  #newest = "";

  constructor() {
    this.scroll = byId("scroll");
    this.list = byId("messages");
    this.jump = byId("jump");
    this.jump.addEventListener("click", () => this.toBottom());
    this.scroll.addEventListener("scroll", () => { if (this.#isAtBottom()) this.jump.hidden = true; }, { passive: true });
  }

  // Shows a channel's messages; `contextOf` makes the context in which a message is drawn.
  show(channel, messages, contextOf) {
    const fresh = this.#channel !== channel;
    if (fresh) this.#forget(channel);
    const atBottom = fresh || this.#isAtBottom();
    this.#place(this.#rows(messages, contextOf));
    const newest = messages.at(-1)?.ts ?? "";
    const arrived = newest > this.#newest;
    this.#newest = newest;
    if (atBottom) this.toBottom();
    else if (arrived) this.#announce(messages.at(-1));
  }

  #announce(message) {
    this.jump.textContent = message.ephemeral_to ? "A note for you ↓" : "New messages ↓";
    this.jump.hidden = false;
  }

  toBottom() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.jump.hidden = true;
  }

  // Brings a message into view and the focus to it; false when it is not among those shown.
  reveal(ts) {
    const node = this.#nodes.get(ts)?.node;
    if (!node) return false;
    this.list.querySelector(".revealed")?.classList.remove("revealed");
    node.classList.add("revealed");
    const message = node.querySelector("[data-ts]");
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: message.offsetHeight > this.scroll.clientHeight ? "start" : "center" });
    return true;
  }

  // Forgets what was shown, for example while the home tab is.
  leave() {
    this.#forget(null);
  }

  #forget(channel) {
    this.#channel = channel;
    this.#nodes.clear();
    this.list.replaceChildren();
    this.#newest = "";
    this.jump.hidden = true;
  }

  #isAtBottom() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_BOTTOM_PX;
  }

  #rows(messages, contextOf) {
    const known = new Map(messages.map((message) => [message.ts, message]));
    const rows = [];
    let day = "";
    for (const message of messages) {
      const parent = known.get(message.thread_ts);
      if (parent && !message.reply_broadcast) continue;
      const itsDay = dayOf(message.ts);
      if (itsDay !== day) rows.push({ id: `day ${itsDay}`, key: itsDay, build: () => dayRow(itsDay) });
      day = itsDay;
      if (parent) {
        rows.push(this.#copyRow(message, contextOf(message)));
        continue;
      }
      rows.push(this.#row(message, contextOf(message), false));
      const replies = messages.filter((other) => other.thread_ts === message.ts);
      if (replies.length) rows.push({ id: `thread ${message.ts}`, key: replies.length, build: () => threadRow(replies.length) });
      for (const reply of replies) rows.push(this.#row(reply, contextOf(reply), true));
    }
    return rows;
  }

  #row(message, context, isReply) {
    return {
      id: message.ts,
      key: messageKey(message, context),
      build: () => h("li", { class: isReply ? "row reply" : "row" }, renderMessage(message, context, isReply)),
    };
  }

  // Of a reply that is shown in the channel, too: the message itself stands in its thread.
  #copyRow(message, context) {
    return {
      id: `copy ${message.ts}`,
      key: messageKey(message, context),
      build: () => h("li", { class: "row" }, renderCopy(message, context)),
    };
  }

  #place(rows) {
    const wanted = new Set(rows.map((row) => row.id));
    for (const [id, { node }] of this.#nodes) {
      if (!wanted.has(id)) {
        node.remove();
        this.#nodes.delete(id);
      }
    }
    rows.forEach((row, index) => {
      const node = this.#drawn(row);
      const there = this.list.children[index];
      if (node !== there) this.list.insertBefore(node, there ?? null);
    });
  }

  #drawn(row) {
    const known = this.#nodes.get(row.id);
    if (known?.key === row.key) return known.node;
    const node = row.build();
    this.#nodes.set(row.id, { key: row.key, node });
    if (known) swap(known.node, node);
    return node;
  }
}

// Replaces a message and gives the focus back to the control that had it, or to the message.
function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const same = sameControl(focused, fresh);
  (same && !same.disabled ? same : fresh.querySelector("[data-ts]"))?.focus({ preventScroll: true });
}

// The control of the fresh message that `focused` was in the old one; links have no press key and are known by their text.
function sameControl(focused, fresh) {
  const { press } = focused.dataset;
  if (press) return [...fresh.querySelectorAll("[data-press]")].find((node) => node.dataset.press === press);
  if (focused.tagName !== "A") return undefined;
  return [...fresh.querySelectorAll("a")].find((node) => node.href === focused.href && node.textContent === focused.textContent);
}

function threadRow(count) {
  return h("li", { class: "thread" }, count === 1 ? "1 reply in the thread" : `${count} replies in the thread`);
}

function dayRow(day) {
  return h("li", { class: "day" }, h("span", {}, day));
}
