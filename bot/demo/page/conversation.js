// The open conversation, a channel or a thread: only rows that changed are drawn again, and the reader's place is kept.

const NEAR_BOTTOM_PX = 80;

export class Conversation {
  #nodes = new Map();
  #place = null;
  #newest = "";

  // `scroll` and `list` hold the rows; `jump`, where there is one, leads to the newest.
  constructor(scroll, list, jump = null) {
    this.scroll = scroll;
    this.list = list;
    this.jump = jump;
    jump?.addEventListener("click", () => this.toBottom());
    scroll.addEventListener("scroll", () => { if (this.#isAtBottom()) this.#hideJump(); }, { passive: true });
  }

  // Shows the rows ({id, key, build}) of the conversation `place`; `messages` are those that they stand for.
  show(place, messages, rows) {
    const fresh = this.#place !== place;
    if (fresh) this.#forget(place);
    const atBottom = fresh || this.#isAtBottom();
    this.#arrange(rows);
    const newest = messages.at(-1)?.ts ?? "";
    const arrived = newest > this.#newest;
    this.#newest = newest;
    if (atBottom) this.toBottom();
    else if (arrived) this.#announce(messages.at(-1));
  }

  #announce(message) {
    if (!this.jump) return;
    this.jump.textContent = message.ephemeral_to ? "A note for you ↓" : "New messages ↓";
    this.jump.hidden = false;
  }

  toBottom() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#hideJump();
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

  #forget(place) {
    this.#place = place;
    this.#nodes.clear();
    this.list.replaceChildren();
    this.#newest = "";
    this.#hideJump();
  }

  #hideJump() {
    if (this.jump) this.jump.hidden = true;
  }

  #isAtBottom() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_BOTTOM_PX;
  }

  #arrange(rows) {
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
