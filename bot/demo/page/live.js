// Reads new messages of the open conversation out to people who can't see them appear.

import { byId } from "/page/dom.js";

const MOST = 3;

let place = "";
let newest = "";

export function announceNew(id, messages, user, authorOf) {
  const isSame = place === id;
  const fresh = isSame ? messages.filter((message) => message.ts > newest && message.user !== user) : [];
  place = id;
  newest = messages.at(-1)?.ts ?? (isSame ? newest : "");
  if (!fresh.length) return;
  const lines = fresh.slice(-MOST).map((message) => line(message, authorOf));
  byId("live").textContent = fresh.length > MOST ? `${fresh.length} new messages. ${lines.join(" ")}` : lines.join(" ");
}

function line(message, authorOf) {
  const where = message.ephemeral_to ? ", only visible to you" : message.thread_ts ? ", in a thread" : "";
  return `${authorOf(message.user).name}${where}: ${plain(message.text)}`;
}

// The text that notifications show, without its markup.
function plain(text) {
  return text.replace(/<[^|>]*\|([^>]*)>/g, "$1").replace(/<[^>]*>/g, "").replace(/[*_`~]/g, "").replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
}
