// The panel that makes Slack fail.

import { call, post } from "/page/api.js";
import { byId, fill, h } from "/page/dom.js";

const FAULTS = [
  ["Limit the next post", "The next message gets 429 and must wait 5 s",
    { method: "chat.postMessage", fault: "ratelimited", count: 1, retry_after: 5 }],
  ["503 for the next call", "One call of any method fails", { method: "*", fault: "server_error", count: 1 }],
  ["Lose the next answer", "The next message is stored, but its answer is lost",
    { method: "chat.postMessage", fault: "drop_after", count: 1 }],
  ["Slow by 5 s", "Every call takes effect five seconds late", { method: "*", fault: "slow", seconds: 5, count: null }],
  ["Slack is down", "Every call fails until this is cleared", { method: "*", fault: "server_error", count: null }],
];
const WORDS = {
  ratelimited: "429", server_error: "503", not_json: "broken JSON", drop_before: "lost call", drop_after: "lost answer",
  slow: "slow", slow_answer: "slow answer", error: "error",
};

export function setUpFaults() {
  byId("faults").append(
    h("h2", { id: "faults-title" }, "Slack’s faults"),
    h("p", { class: "muted" }, "See how the bot copes when Slack does not. It can take about ten seconds to catch up."),
    h("div", { class: "control-list" }, FAULTS.map(([label, hint, fault]) => h("button", {
      type: "button", class: "control", title: hint, onclick: () => post("faults", fault),
    }, label)), h("div", { id: "place-faults", class: "control-list" })));
}

// `channel` is the open one, or null; `newestCard` the ts of the newest card in it.
export function showFaults(faults, channel, newestCard) {
  fill(byId("active-faults"), JSON.stringify(faults), () => (faults.length ? [
    h("ul", { class: "fault-list" }, faults.map((fault) => h("li", {}, h("span", {}, describe(fault)), h("button", {
      type: "button", class: "icon-button", "aria-label": `Clear: ${describe(fault)}`,
      onclick: () => call("DELETE", `faults/${fault.id}`),
    }, "✕")))),
    h("button", { type: "button", class: "button", onclick: () => call("DELETE", "faults") }, "Clear all faults"),
  ] : []));
  fill(byId("place-faults"), JSON.stringify([channel?.id, channel?.archived, newestCard]), () => (channel ? [
    h("button", {
      type: "button", class: "control", title: "Cards that were held come within half a minute after it is back",
      onclick: () => call("PATCH", `channels/${channel.id}`, { archived: !channel.archived }),
    }, channel.archived ? `Unarchive #${channel.name}` : `Archive #${channel.name}`),
    h("button", {
      type: "button", class: "control", disabled: !newestCard,
      onclick: () => call("DELETE", `messages/${channel.id}/${newestCard}`),
    }, "Delete the newest card"),
  ] : []));
}

function describe(fault) {
  const method = fault.method === "*" ? "every call" : fault.method;
  const often = fault.count === null ? "until cleared" : fault.count === 1 ? "once" : `${fault.count} times`;
  const detail = fault.fault === "error" ? ` ${fault.error}` : fault.fault.startsWith("slow") ? ` by ${fault.seconds} s` : "";
  return `${method}: ${WORDS[fault.fault]}${detail}, ${often}`;
}
