/**
 * What becomes of a conversation's attributes when some of them are changed, as a pure function:
 * the same for every store.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import type { Json } from "./store.ts";

/** The attributes of a conversation, or a part of them. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** How large attributes may be in all, as characters of JSON. */
export const ATTRIBUTES_SIZE = 65_536;
/** How deep a path may lead: what is kept must be found again by a query. */
const DEPTH = 100;

const failed = (detail: string) => protocolError("CONVERSATION_UPDATE_FAILED", detail);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The items of a list by which values are the same, each once. */
const distinct = (list: readonly Json[]): ReadonlyMap<string, Json> =>
  new Map(list.map((item) => [JSON.stringify(item), item]));

function without(list: readonly Json[], others: readonly Json[]): Json[] {
  const gone = distinct(others);
  return list.filter((item) => !gone.has(JSON.stringify(item)));
}

function listOf(value: unknown, what: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw failed(`${what} is no array`);
  return value;
}

/** What an operator makes of a value, by the operator's name; `undefined` removes it. */
const operators: {
  readonly [name: string]: (
    value: Json | undefined,
    argument: JsonObject,
    path: string,
  ) => Json | undefined;
} = {
  Delete: () => undefined,
  Increment: (value = 0, { amount = 1 }, path) => {
    if (typeof value !== "number" || typeof amount !== "number") {
      throw failed(`${path} can't be incremented: one of the two is no number`);
    }
    if (!Number.isFinite(value + amount)) throw failed(`${path} would be too large a number`);
    return value + amount;
  },
  Add: (value, { objects }, path) => [...listOf(value, path), ...listOf(objects, "objects")],
  AddUnique: (value, { objects }, path) => {
    const list = listOf(value, path);
    const added = [...distinct(listOf(objects, "objects")).values()];
    return [...list, ...without(added, list)];
  },
  Remove: (value, { objects }, path) => without(listOf(value, path), listOf(objects, "objects")),
};

function changedValue(value: Json | undefined, change: Json, path: string): Json | undefined {
  if (!isObject(change) || typeof change.__op !== "string") return change;
  if (!Object.hasOwn(operators, change.__op)) throw failed(`There is no operator ${change.__op}`);
  return operators[change.__op]!(value, change, path);
}

/** An object on the way to what is changed, of which nobody else knows yet. */
interface Draft {
  [key: string]: Json | Draft;
}

/** Changes what is below an object that is a copy already, copying on the way what is not. */
function change(
  draft: Draft,
  keys: readonly string[],
  wanted: Json,
  path: string,
  own: Set<unknown>,
): void {
  let object = draft;
  for (const key of keys.slice(0, -1)) {
    const inner = (Object.hasOwn(object, key) ? object[key] : undefined) ?? {};
    if (!isObject(inner)) throw failed(`${path} leads into ${key}, which is no object`);
    const copy: Draft = own.has(inner) ? inner : { ...inner };
    own.add(copy);
    object[key] = copy;
    object = copy;
  }
  const last = keys.at(-1)!;
  const before = Object.hasOwn(object, last) ? object[last] as Json : undefined;
  const after = changedValue(before, wanted, path);
  if (after === undefined) delete object[last];
  else object[last] = after;
}

/** Whether an attribute, or a part of one, can be called so. */
export function isAttributeName(key: string): boolean {
  return key !== "" && key !== "__proto__" && !key.startsWith("$") && !key.includes(".");
}

/**
 * The attributes after a change. Each key of `changes` is a path (`attr.color`), each value what is
 * to be there, or LeanCloud's operators: `{ "__op": "Delete" }`, `Increment` with `amount`, and `Add`,
 * `AddUnique`, `Remove` with `objects`.
 *
 * @throws A refusal, 4306, for a path or an operator that can't be, or too much in all.
 */
export function changedAttributes(attributes: JsonObject, changes: JsonObject): JsonObject {
  const changed: Draft = { ...attributes };
  // A copy for each path would take a time that grows with the square of what a client sends.
  const own = new Set<unknown>([changed]);
  for (const [path, wanted] of Object.entries(changes)) {
    const keys = path.split(".");
    if (!keys.every(isAttributeName)) {
      throw failed(`${JSON.stringify(path)} can't be the name of an attribute`);
    }
    if (keys.length > DEPTH) throw failed(`A path leads deeper than ${DEPTH} levels`);
    change(changed, keys, wanted, path, own);
  }
  if (JSON.stringify(changed).length > ATTRIBUTES_SIZE) {
    throw failed(`The attributes of a conversation take ${ATTRIBUTES_SIZE} characters at most`);
  }
  return changed as JsonObject;
}
