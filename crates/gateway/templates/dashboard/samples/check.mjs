import { createHmac, timingSafeEqual } from 'node:crypto';

// body: the bytes as they came, before any parser
export function isGenuine(body, signature) {
  const right = createHmac('sha256', process.env.LOCKGATE_API_KEY).update(body).digest();
  const given = Buffer.from(signature ?? '', 'hex');
  return given.length === right.length && timingSafeEqual(given, right);
}
