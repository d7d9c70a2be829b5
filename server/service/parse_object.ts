/**
 * The JSON that clients put into commands as text.
 *
 * @module
 */
import { type ErrorName, protocolError } from "@curlew/realtime/protocol";
import type { Json } from "../store/store.ts";

/**
 * How deep JSON of a client may nest. Stores have bounds of their own: what one kept and then could
 * not read again would spoil every query that comes across it.
 */
const DEPTH = 100;

/** What is wrong with a value, in words that follow its name; `undefined` where nothing is. */
function flawOf(value: unknown, levels: number): string | undefined {
  // JSON has no word for it: it would become `null` as soon as it is kept.
  if (value === Infinity || value === -Infinity) return "has a number that is too large";
  if (typeof value !== "object" || value === null) return undefined;
  if (levels === 0) return `nests deeper than ${DEPTH} levels`;
  // Clients copy what they are given into objects of their own.
  if (Object.hasOwn(value, "__proto__")) return "has a key __proto__";
  for (const inner of Object.values(value)) {
    const flaw = flawOf(inner, levels - 1);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** The JSON object in a client's text, empty where there is no text; or the refusal given. */
export function parseObject(
  text: string | undefined,
  name: ErrorName,
  what: string,
): { readonly [key: string]: Json } {
  if (!text) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw protocolError(name, `${what} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw protocolError(name, `${what} is no JSON object`);
  }
  const flaw = flawOf(value, DEPTH);
  if (flaw !== undefined) throw protocolError(name, `${what} ${flaw}`);
  return value as { readonly [key: string]: Json };
}
