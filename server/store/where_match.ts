/**
 * A `where` and a sort order applied to a conversation in memory: what the SQL of the other stores
 * is held equal to.
 *
 * @module
 */
import type { Conversation, Json } from "./store.ts";
import { type Bound, type Comparison, type Condition, isDate, type Path } from "./where.ts";
import type { SortKey } from "./where.ts";

function date(time: number | undefined): Json | undefined {
  return time === undefined ? undefined : { __type: "Date", iso: new Date(time).toISOString() };
}

/** The fields that are no attributes. */
const fields: { readonly [key: string]: (conversation: Conversation) => Json | undefined } = {
  objectId: ({ id }) => id,
  c: ({ creator }) => creator,
  m: ({ members }) => [...members],
  mu: ({ members, muted }) => [...members].filter((client) => muted.has(client)),
  tr: ({ kind }) => kind === "room",
  sys: ({ kind }) => kind === "service",
  unique: ({ unique }) => unique,
  uniqueId: ({ uniqueId }) => uniqueId,
  createdAt: ({ createdAt }) => date(createdAt),
  updatedAt: ({ updatedAt }) => date(updatedAt),
  lm: ({ lastMessageAt }) => date(lastMessageAt),
};

function below(value: Json | undefined, path: Path): Json | undefined {
  for (const key of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: string]: Json })[key];
  }
  return value;
}

function valueAt(conversation: Conversation, path: Path): Json | undefined {
  const [first = "", ...rest] = path;
  const field = Object.hasOwn(fields, first) ? fields[first] : undefined;
  if (!field) return below(conversation.attributes, path);
  return rest.length ? undefined : field(conversation);
}

function candidates(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [value, ...value] : [value as Json];
}

/** Texts in the order of their characters' code points, which is that of their UTF-8. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference) return difference;
  }
  return left.length - right.length;
}

const holds: { readonly [by in Comparison]: (order: number) => boolean } = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** How a value stands to a bound of its own kind. */
function orderOf(value: Json, bound: Bound): number | undefined {
  if (typeof bound === "number") return typeof value === "number" ? value - bound : undefined;
  if (typeof bound === "string") {
    return typeof value === "string" ? compareText(value, bound) : undefined;
  }
  return isDate(value) ? compareText(value.iso, bound.date) : undefined;
}

/** Whether a conversation meets a condition. */
export function matches(conversation: Conversation, condition: Condition): boolean {
  switch (condition.kind) {
    case "all":
      return condition.of.every((part) => matches(conversation, part));
    case "any":
      return condition.of.some((part) => matches(conversation, part));
    case "not":
      return !matches(conversation, condition.of);
  }
  const value = valueAt(conversation, condition.path);
  switch (condition.kind) {
    case "in":
    case "every": {
      const there = new Set(candidates(value).map((candidate) => JSON.stringify(candidate)));
      const wanted = condition.values.map((wanted) => JSON.stringify(wanted));
      if (condition.kind === "every") {
        return wanted.length > 0 && wanted.every((text) => there.has(text));
      }
      if (value === undefined && wanted.includes("null")) return true;
      return wanted.some((text) => there.has(text));
    }
    case "compare": {
      const { by, bound } = condition;
      return candidates(value).some((candidate) => {
        const order = orderOf(candidate, bound);
        return order !== undefined && holds[by](order);
      });
    }
    case "match": {
      const { test } = condition;
      return candidates(value).some((candidate) =>
        typeof candidate === "string" && test(candidate)
      );
    }
    case "size":
      return Array.isArray(value) && value.length === condition.size;
    case "exists":
      return value !== undefined;
  }
}

/** What is sorted by: nothing first, then numbers, then texts; all else as its JSON. */
function rank(value: Json | undefined): [kind: number, number: number, text: string] {
  switch (typeof value) {
    case "undefined":
      return [0, 0, ""];
    case "number":
    case "boolean":
      return [1, Number(value), ""];
    case "string":
      return [2, 0, value];
  }
  return value === null ? [0, 0, ""] : [2, 0, JSON.stringify(value)];
}

/** Compares two conversations; where all keys are equal, the older one comes first. */
export function compareBy(
  keys: readonly SortKey[],
): (a: Conversation, b: Conversation) => number {
  return (a, b) => {
    for (const { path, down } of keys) {
      const [left, right] = [rank(valueAt(a, path)), rank(valueAt(b, path))];
      const order = left[0] - right[0] || left[1] - right[1] || compareText(left[2], right[2]);
      if (order) return down ? -order : order;
    }
    return a.createdAt - b.createdAt || compareText(a.id, b.id);
  };
}
