// The panel that sends what Ralio sends.

import { complaint, post } from "/page/api.js";
import { byId, h } from "/page/dom.js";

const EVENTS = [
  ["user", "Review of a user", "A new session needs a manual review"],
  ["related-party", "Review of a related party", "The same, for the other channel"],
  ["duplicate", "Resend last event", "The last review event, byte for byte"],
  ["verified", "Verdict: verified", "About the newest session in review in the open channel"],
  ["failed", "Verdict: rejected", "With the reviewer's reason codes"],
  ["expired", "Session expired", "Not finished in time"],
  ["malformed", "Invalid event", "Signed, but of the wrong shape"],
];

// `openChannel` gives the open channel's id, or null: a verdict is about a card that it shows.
export function setUpRalio(openChannel) {
  const answer = h("div", { class: "answer", role: "status", "aria-label": "The bot's last answer" },
    h("p", { class: "muted" }, "The bot's answer appears here."));
  byId("ralio").append(
    h("h2", { id: "ralio-title" }, "Ralio"),
    h("p", { class: "muted" }, "Sends the bot a signed webhook, as Ralio would."),
    h("div", { class: "control-list" }, EVENTS.map(([kind, label, hint]) => h("button", {
      type: "button", class: "control", "data-send": kind, title: hint, onclick: (event) => send(kind, openChannel(), event.currentTarget, answer),
    }, label))),
    answer);
}

async function send(kind, channel, button, place) {
  button.setAttribute("aria-busy", "true");
  const answer = await post("ralio", { send: kind, channel });
  button.removeAttribute("aria-busy");
  place.replaceChildren(...shown(answer).filter(Boolean));
}

function shown(answer) {
  if (answer.status === null || answer.status === undefined) return [h("p", { class: "warning" }, "⚠ ", complaint(answer))];
  const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body, null, 2);
  return [
    h("p", { class: "answer-line" },
      h("span", { class: `status ${answer.status < 300 ? "good" : "bad"}` }, answer.status),
      h("span", { class: "muted" }, `in ${Math.max(1, Math.round(answer.seconds * 1000))} ms`)),
    answer.about && h("p", {}, "About session ", h("code", {}, answer.about.session_id),
      answer.about.channel ? ` in #${answer.about.channel}` : ""),
    h("pre", { tabindex: "0", "aria-label": "Body of the answer" }, body || "(empty)"),
    h("details", {}, h("summary", {}, "What was sent"),
      h("pre", { tabindex: "0" }, JSON.stringify(answer.event, null, 2))),
  ];
}
