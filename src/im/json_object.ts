/** JSON within a command, in which a `Date` is `{ __type: "Date", iso }`. @module */
import type { MessageOf } from "../protocol/mod.ts";

type JsonObject = MessageOf<"JsonObjectMessage">;

/** A value as it goes out. */
export function jsonObject(value: object): JsonObject {
  return { data: JSON.stringify(value, dates) };
}

/** What came; `undefined` where nothing did. */
export function objectIn<T extends object>(json: JsonObject | undefined): T | undefined {
  return json &&
    JSON.parse(json.data, (_, value) => value?.__type === "Date" ? new Date(value.iso) : value);
}

/** `JSON.stringify` hands a `Date` over as text; it is one still in what holds it. */
function dates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // An invalid one is null.
  return value && this[key] instanceof Date ? { __type: "Date", iso: value } : value;
}
