// The thread at the side of its channel: what the replies are about, the replies, and where one answers.

import { setUpComposer } from "/page/composer.js";
import { Conversation } from "/page/conversation.js";
import { byId, fill, h } from "/page/dom.js";
import { mrkdwn } from "/page/mrkdwn.js";
import { repliesTo, threadRows } from "/page/rows.js";

const conversation = new Conversation(byId("thread-scroll"), byId("thread-messages"));
let open = null;

export function setUpThread(actingUser) {
  setUpComposer("thread-composer", () => ({ user: actingUser(), channel: open?.channel, threadTs: open?.ts }));
  byId("thread").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    location.hash = closedHash();
  });
}

// Shows the thread under the message `ts`, or none where that is not given.
export function showThread(channel, ts, messages, contextOf, names) {
  const pane = byId("thread");
  const parent = ts ? messages.find((message) => message.ts === ts) : null;
  const opened = parent && open?.ts !== ts;
  open = parent ? { channel, ts } : null;
  pane.hidden = !parent;
  document.body.classList.toggle("thread-open", Boolean(parent));
  if (!parent) {
    conversation.leave();
    return;
  }
  const replies = repliesTo(messages, ts);
  byId("close-thread").setAttribute("href", closedHash());
  byId("thread-place").textContent = channel.im_user ? "" : `# ${channel.name}`;
  byId("thread-composer").elements.text.disabled = channel.archived;
  fill(byId("thread-parent"), JSON.stringify([parent.ts, parent.text]), () => [
    h("p", { class: "muted" }, "Thread under"), h("div", {}, mrkdwn(parent.text, names)),
  ]);
  conversation.show(ts, replies, threadRows(replies, contextOf));
  if (opened) byId("thread-title").focus({ preventScroll: true });
}

export function revealReply(ts) {
  return conversation.reveal(ts);
}

function closedHash() {
  return `#${open.channel.id}/${open.ts}`;
}
