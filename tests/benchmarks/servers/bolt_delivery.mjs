// What makes Bolt a whole bot: Ralio's webhooks, cards from the outbox, and a home tab. Calls that fail are repeated by
// Slack's own WebClient, and what a stop left over is posted after the next start.
import express from "express";
import { isSigned } from "./ralio.mjs";
import { openEvents } from "./sqlite.mjs";

const HOME_LENGTH = 20;

export function deliverAndShow(app, router, database) {
  const save = openEvents(database);
  const deliver = openDelivery(app.client, database);
  router.post("/webhooks/ralio", express.raw({ type: "application/json" }), (request, response) => {
    if (!isSigned(request.body, request.get("X-Signature") ?? "")) {
      response.status(401).json({ received: false });
      return;
    }
    const event = JSON.parse(request.body);
    save(event, request.body);
    response.status(200).json({ received: true });
    deliver(event.data.sessionId);
  });
  const open = database.prepare("SELECT * FROM reviews WHERE status IN ('open', 'claimed') ORDER BY opened_at LIMIT ?");
  app.event("app_home_opened", async ({ event, client }) => {
    const blocks = open.all(HOME_LENGTH).map((review) => section(`*${review.session_id}* ${status(review)}`));
    await client.views.publish({ user_id: event.user, view: { type: "home", blocks } });
  });
  return deliver;
}

function openDelivery(client, database) {
  const pending = database.prepare(
    "SELECT * FROM outbox JOIN reviews USING (session_id) WHERE session_id = ? AND shown_version < wanted_version",
  );
  const shown = database.prepare("UPDATE outbox SET shown_version = ?, channel = ?, message_ts = ? WHERE session_id = ?");
  const underWay = new Set();
  async function deliver(session) {
    // One call per card at a time: a click that comes while the card is being posted is shown right after it.
    if (underWay.has(session)) return;
    underWay.add(session);
    try {
      for (let card = pending.get(session); card !== undefined; card = pending.get(session)) {
        const answer = await send(client, card);
        shown.run(card.wanted_version, answer.channel, answer.ts, session);
      }
    } finally {
      underWay.delete(session);
    }
  }
  for (const { session_id } of database.prepare("SELECT session_id FROM outbox WHERE shown_version < wanted_version").all())
    deliver(session_id);
  return deliver;
}

function send(client, card) {
  const message = {
    text: `Review ${card.session_id}: ${status(card)}`,
    blocks: blocks(card),
    metadata: { event_type: "review_card", event_payload: { session_id: card.session_id } },
  };
  return card.message_ts === null
    ? client.chat.postMessage({ ...message, channel: process.env.USER_REVIEW_CHANNEL })
    : client.chat.update({ ...message, channel: card.channel, ts: card.message_ts });
}

function blocks(card) {
  const labels = card.status === "open" ? ["Claim", "History"] : ["Resolve", "Release", "History"];
  return [
    { type: "header", text: { type: "plain_text", text: `Review of ${card.entity_type}` } },
    section(`*Status:* ${status(card)}\n*Session:* \`${card.session_id}\`\n*Subject:* \`${card.subject_id}\``),
    { type: "actions", elements: labels.map((label) => button(label, card.session_id)) },
  ];
}

function button(label, session) {
  return {
    type: "button",
    action_id: `review_${label.toLowerCase()}`,
    text: { type: "plain_text", text: label },
    value: session,
  };
}

function section(text) {
  return { type: "section", text: { type: "mrkdwn", text } };
}

function status(review) {
  return review.status === "claimed" ? `claimed by <@${review.claimed_by}>` : review.status;
}
