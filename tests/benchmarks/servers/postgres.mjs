// node-postgres: the bot's four rows in one transaction on a client of the pool. An advisory lock puts the audit's entries
// in one order; it is taken last, so what comes before it runs in parallel.
import pg from "pg";
import { schema, seal } from "./four_rows.mjs";

const AUDIT = 1;

export async function openEvents() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE });
  // Without a listener, an idle client that loses its server ends the process.
  pool.on("error", () => {});
  await pool.query(schema);
  return async (event) => {
    const client = await pool.connect();
    let failure;
    try {
      await client.query("BEGIN");
      await saveRows(client, event);
      await client.query("COMMIT");
    } catch (error) {
      failure = error;
      await client.query("ROLLBACK").catch(() => {});
      throw error;
    } finally {
      client.release(failure);
    }
  };
}

async function saveRows(client, event) {
  const now = Date.now();
  const { sessionId, entityType, userId } = event.data;
  const recorded = await client.query({
    name: "event",
    text: "INSERT INTO events VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    values: [event.eventId, event.eventType, sessionId, now],
  });
  if (recorded.rowCount === 0) return;
  await client.query({
    name: "review",
    text: "INSERT INTO reviews VALUES ($1, $2, $3, 'open', NULL, $4, 1)",
    values: [sessionId, entityType, userId, now],
  });
  await client.query({ name: "outbox", text: "INSERT INTO outbox VALUES ($1, 1, 0, NULL, NULL)", values: [sessionId] });
  await client.query({ name: "lock", text: "SELECT pg_advisory_xact_lock($1)", values: [AUDIT] });
  const newest = await client.query({ name: "head", text: "SELECT id, seal FROM audit ORDER BY id DESC LIMIT 1" });
  const head = newest.rows[0] ?? { id: 0, seal: "" };
  const entry = [head.id + 1, sessionId, now, "ralio", "open", 1];
  await client.query({
    name: "audit",
    text: "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)",
    values: [...entry, seal(head.seal, entry)],
  });
}
