// The schema of the four rows, and the seal that chains the audit. PEER_ROWS says how many rows an event becomes.
import crypto from "node:crypto";
import { readFileSync } from "node:fs";

export const schema = readFileSync(new URL("four_rows.sql", import.meta.url), "utf8");
export const hasFourRows = process.env.PEER_ROWS === "4";

export function seal(previous, entry) {
  return crypto.createHash("sha256").update(`${previous}\n${JSON.stringify(entry)}`).digest("hex");
}
