// (d) and (i) The documentation's own example, made durable: Express, the check of the signature over the raw body, JSON,
// and a commit for each request.
import express from "express";
import { isSigned } from "./ralio.mjs";

async function openEvents() {
  if (process.env.DATABASE.startsWith("postgres")) return (await import("./postgres.mjs")).openEvents();
  const sqlite = await import("./sqlite.mjs");
  return sqlite.openEvents(sqlite.openDatabase());
}

const save = await openEvents();
const app = express();
app.post("/webhooks/ralio", express.raw({ type: "application/json" }), async (request, response) => {
  if (!isSigned(request.body, request.get("X-Signature") ?? "")) {
    response.status(401).json({ received: false });
    return;
  }
  await save(JSON.parse(request.body), request.body);
  response.status(200).json({ received: true });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
