// (h) Bolt for JavaScript with a claim that is durable: one transaction with a compare-and-set and an audit entry, and only
// then the answer to Slack. The bench fills the table `reviews` before.
import bolt from "@slack/bolt";
import Database from "better-sqlite3";

const database = new Database(process.env.DATABASE);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, session_id TEXT, actor TEXT, action TEXT, at INTEGER)");
const take = database.prepare("UPDATE reviews SET status = 'claimed', claimed_by = ? WHERE session_id = ? AND status = 'open'");
const note = database.prepare("INSERT INTO audit (session_id, actor, action, at) VALUES (?, ?, 'claim', ?)");
const claim = database.transaction((session, person) => {
  if (take.run(person, session).changes === 1) note.run(session, person, Date.now());
});

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  endpoints: "/slack/interactions",
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});
app.action("review_claim", async ({ ack, action, body }) => {
  claim(action.value, body.user.id);
  await ack();
});
await app.start({ port: Number(process.env.PORT), host: "127.0.0.1" });
