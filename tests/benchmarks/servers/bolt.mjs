// (h) Bolt for JavaScript with a durable claim: the answer to Slack follows the commit. In the form with one row it updates
// the review alone; in the other it writes the bot's rows in one transaction: the claim on the review, the sealed audit
// entry, the card in the outbox. With PEER_DELIVERS it also takes webhooks, posts cards and shows a home tab.
import bolt from "@slack/bolt";
import { hasFourRows, schema } from "./four_rows.mjs";
import { deliverAndShow } from "./bolt_delivery.mjs";
import { openAudit, openDatabase } from "./sqlite.mjs";

const database = openDatabase();
database.exec(schema);
const take = database.prepare(
  "UPDATE reviews SET status = 'claimed', claimed_by = ?, version = version + 1 WHERE session_id = ? AND status = 'open' RETURNING version",
);
const want = database.prepare("UPDATE outbox SET wanted_version = ? WHERE session_id = ?");
const append = openAudit(database);
const claimRows = database.transaction((session, person) => {
  const taken = take.get(person, session);
  if (taken === undefined) return;
  append(session, Date.now(), person, "claim", taken.version);
  want.run(taken.version, session);
});
const claim = hasFourRows ? claimRows : (session, person) => take.get(person, session);

const receiver = new bolt.ExpressReceiver({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  endpoints: { interactions: "/slack/interactions", events: "/slack/events" },
});
const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  receiver,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});
const deliver = process.env.PEER_DELIVERS ? deliverAndShow(app, receiver.router, database) : () => {};
app.action("review_claim", async ({ ack, action, body }) => {
  claim(action.value, body.user.id);
  await ack();
  deliver(action.value);
});
await app.start({ port: Number(process.env.PORT), host: "127.0.0.1" });
