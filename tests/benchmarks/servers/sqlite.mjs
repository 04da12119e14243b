// better-sqlite3, durable: one INSERT per event, or the bot's four rows in one transaction.
import Database from "better-sqlite3";
import { hasFourRows, schema, seal } from "./four_rows.mjs";

export function openDatabase() {
  const database = new Database(process.env.DATABASE);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  return database;
}

export function openEvents(database) {
  return hasFourRows ? fourRows(database) : oneRow(database);
}

function oneRow(database) {
  database.exec("CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)");
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  return (event, body) => insert.run(event.eventId, event.eventType, body.toString());
}

function fourRows(database) {
  database.exec(schema);
  const insertEvent = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const insertReview = database.prepare("INSERT INTO reviews VALUES (?, ?, ?, 'open', NULL, ?, 1)");
  const insertCard = database.prepare("INSERT INTO outbox VALUES (?, 1, 0, NULL, NULL)");
  const append = openAudit(database);
  return database.transaction((event) => {
    const now = Date.now();
    const { sessionId, entityType, userId } = event.data;
    if (insertEvent.run(event.eventId, event.eventType, sessionId, now).changes === 0) return;
    insertReview.run(sessionId, entityType, userId, now);
    append(sessionId, now, "ralio", "open", 1);
    insertCard.run(sessionId);
  });
}

export function openAudit(database) {
  const newest = database.prepare("SELECT id, seal FROM audit ORDER BY id DESC LIMIT 1");
  const insert = database.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)");
  return (...columns) => {
    const head = newest.get() ?? { id: 0, seal: "" };
    const entry = [head.id + 1, ...columns];
    insert.run(...entry, seal(head.seal, entry));
  };
}
