// The check of Ralio's signature, over the raw body.
import crypto from "node:crypto";

const secret = process.env.RALIO_WEBHOOK_SECRET;

export function isSigned(body, signature) {
  const expected = crypto.createHmac("sha256", secret).update(body).digest("hex");
  return signature.length === expected.length && crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}
