/**
 * The JSON that clients put into commands as text.
 *
 * @module
 */
import type { ErrorName } from "@curlew/realtime/protocol";
import type { Json } from "../store/store.ts";
import { refusal } from "./context.ts";

/**
 * How deep JSON of a client may nest. Stores have bounds of their own: what one kept and then could
 * not read again would spoil every query that comes across it.
 */
const DEPTH = 100;

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
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
    throw refusal(name, `${what} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(name, `${what} is no JSON object`);
  }
  if (nestsDeeper(value, DEPTH)) throw refusal(name, `${what} nests deeper than ${DEPTH} levels`);
  return value as { readonly [key: string]: Json };
}
