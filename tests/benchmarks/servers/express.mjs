// (d) The documentation's own example, made durable: Express, the check of the signature over the raw body, JSON, and one
// INSERT a request.
import crypto from "node:crypto";
import Database from "better-sqlite3";
import express from "express";

const secret = process.env.RALIO_WEBHOOK_SECRET;
const database = new Database(process.env.DATABASE);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)");
const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

function isSigned(body, signature) {
  const expected = crypto.createHmac("sha256", secret).update(body).digest("hex");
  return signature.length === expected.length && crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

const app = express();
app.post("/webhooks/ralio", express.raw({ type: "application/json" }), (request, response) => {
  if (!isSigned(request.body, request.get("X-Signature") ?? "")) {
    response.status(401).json({ received: false });
    return;
  }
  const event = JSON.parse(request.body);
  insert.run(event.eventId, event.eventType, request.body.toString());
  response.status(200).json({ received: true });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
