/**
 * A `where` and a sort order as values: read once, checked and bounded, the same for every store.
 *
 * A field's candidates are its value and, where that is an array, its elements: a condition holds
 * where one of them fits. So `{"m": "Tom"}` finds the conversations that Tom is a member of.
 *
 * @module
 */
import { protocolError, type RealtimeError } from "@curlew/realtime/protocol";
import { type Effort, matcher, type Pattern, usualEffort } from "./pattern.ts";
import type { Json, Where } from "./store.ts";

/** Where a field is: the top-level key, then the keys below it. */
export type Path = readonly string[];

/** What `$lt` and its like compare with; a date as ISO text. */
export type Bound = number | string | { readonly date: string };

/** How something is compared. */
export type Comparison = "<" | "<=" | ">" | ">=";

/** One condition. */
export type Condition =
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "in"; readonly path: Path; readonly values: readonly Json[] }
  | { readonly kind: "every"; readonly path: Path; readonly values: readonly Json[] }
  | {
    readonly kind: "compare";
    readonly path: Path;
    readonly by: Comparison;
    readonly bound: Bound;
  }
  | {
    readonly kind: "match";
    readonly path: Path;
    readonly pattern: Pattern;
    readonly test: (text: string) => boolean;
  }
  | { readonly kind: "size"; readonly path: Path; readonly size: number }
  | { readonly kind: "exists"; readonly path: Path };

/** One key of a sort order. */
export interface SortKey {
  /** The field. */
  readonly path: Path;
  /** Whether the greatest comes first. */
  readonly down: boolean;
}

const LIMITS = {
  depth: 8,
  conditions: 100,
  expressions: 10,
  values: 1000,
  keyLength: 256,
  keyDepth: 8,
  sort: 8,
};

function failed(message: string): RealtimeError {
  return protocolError("CONVERSATION_QUERY_FAILED", message);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether this is a date as the protocol writes it. */
export function isDate(value: Json): value is { readonly __type: "Date"; readonly iso: string } {
  return isObject(value) && value.__type === "Date" && typeof value.iso === "string";
}

function pathOf(key: string): Path {
  const path = key.split(".");
  // deno-lint-ignore no-control-regex -- a JSON path can't name a key with a quote or a control character
  const named = path.every((part) => /^[^"\\\u0000-\u001f$[\]][^"\\\u0000-\u001f[\]]*$/.test(part));
  if (!named || key.length > LIMITS.keyLength || path.length > LIMITS.keyDepth) {
    throw failed(`No key can be called ${JSON.stringify(key.slice(0, 100))}`);
  }
  return path;
}

/** Reads one operator; `beside` are the operators that stand beside it. */
type Read = (
  path: Path,
  value: Json,
  operator: string,
  beside: { readonly [operator: string]: Json },
  effort: Effort,
) => Condition;

function listOf(value: Json, operator: string): readonly Json[] {
  if (!Array.isArray(value)) throw failed(`${operator} takes an array`);
  if (value.length > LIMITS.values) {
    throw failed(`${operator} takes ${LIMITS.values} values at most`);
  }
  return value;
}

function boundOf(value: Json, operator: string): Bound {
  if (typeof value === "number" || typeof value === "string") return value;
  if (isDate(value)) {
    const time = Date.parse(value.iso);
    const date = Number.isNaN(time) ? "" : new Date(time).toISOString();
    // As texts they are in order only where the year has four digits.
    if (/^\d{4}-/.test(date)) return { date };
  }
  throw failed(`${operator} takes a number, a string or a date of the years 0 to 9999`);
}

/** The fields that are always dates, written as `toISOString` does. */
const DATES = ["createdAt", "updatedAt", "lm"];

function literal(path: Path, value: Json): Json {
  const time = DATES.includes(path[0] ?? "") && isDate(value) ? Date.parse(value.iso) : NaN;
  return Number.isNaN(time) ? value : { __type: "Date", iso: new Date(time).toISOString() };
}

const isIn = (path: Path, values: readonly Json[]): Condition => ({
  kind: "in",
  path,
  values: values.map((value) => literal(path, value)),
});
const not = (of: Condition): Condition => ({ kind: "not", of });
const compare = (by: Comparison): Read => (path, value, operator) => ({
  kind: "compare",
  path,
  by,
  bound: boundOf(value, operator),
});

const operators: { readonly [operator: string]: Read } = {
  $ne: (path, value) => not(isIn(path, [value])),
  $in: (path, value, operator) => isIn(path, listOf(value, operator)),
  $nin: (path, value, operator) => not(isIn(path, listOf(value, operator))),
  $all: (path, value, operator) => ({ kind: "every", path, values: listOf(value, operator) }),
  $size: (path, value, operator) => {
    if (typeof value !== "number") throw failed(`${operator} takes a number`);
    return { kind: "size", path, size: value };
  },
  $exists: (path, value, operator) => {
    if (typeof value !== "boolean") throw failed(`${operator} takes true or false`);
    return value ? { kind: "exists", path } : not({ kind: "exists", path });
  },
  $regex: (path, source, operator, { $options = "" }, effort) => {
    if (typeof source !== "string") throw failed(`${operator} takes a string`);
    if (typeof $options !== "string") throw failed("$options takes a string");
    const pattern = { source, options: $options };
    return { kind: "match", path, pattern, test: matcher(pattern, effort) };
  },
  $options: (_path, _value, operator, { $regex }) => {
    if ($regex === undefined) throw failed(`${operator} stands beside a $regex`);
    return { kind: "all", of: [] };
  },
  $lt: compare("<"),
  $lte: compare("<="),
  $gt: compare(">"),
  $gte: compare(">="),
};

const joiners: { readonly [operator: string]: "all" | "any" } = { $and: "all", $or: "any" };

function unknown(operator: string): RealtimeError {
  return failed(`There is no operator ${operator.slice(0, 100)}`);
}

/** Reads a `where`. An operator that is not known is a refusal (4310) that names it. */
export function readWhere(where: Where): Condition {
  let left = LIMITS.conditions;
  let expressions = LIMITS.expressions;
  const effort = usualEffort();

  const field = (key: string, value: Json): Condition[] => {
    const path = pathOf(key);
    const beside = isObject(value) ? value : {};
    const asked = Object.entries(beside);
    if (!asked.some(([name]) => name.startsWith("$"))) return [isIn(path, [value])];
    return asked.map(([name, operand]) => {
      const read = Object.hasOwn(operators, name) ? operators[name] : undefined;
      if (!read) throw unknown(name);
      if (--left < 0) throw failed(`A where has ${LIMITS.conditions} conditions at most`);
      if (name === "$regex" && --expressions < 0) {
        throw failed(`A where has ${LIMITS.expressions} regular expressions at most`);
      }
      return read(path, operand, name, beside, effort);
    });
  };

  const all = (where: Json, depth: number): Condition => {
    if (!isObject(where)) throw failed("A where is an object");
    if (depth > LIMITS.depth) throw failed(`A where is ${LIMITS.depth} levels deep at most`);
    const of = Object.entries(where).flatMap(([key, value]): Condition[] => {
      if (--left < 0) throw failed(`A where has ${LIMITS.conditions} conditions at most`);
      if (!key.startsWith("$")) return field(key, value);
      const kind = Object.hasOwn(joiners, key) ? joiners[key] : undefined;
      if (!kind) throw unknown(key);
      return [{ kind, of: listOf(value, key).map((part) => all(part, depth + 1)) }];
    });
    return { kind: "all", of };
  };

  return all(where, 1);
}

/** Reads a sort order: keys, `-` before one that goes downwards. */
export function readSort(keys: readonly string[]): readonly SortKey[] {
  if (keys.length > LIMITS.sort) throw failed(`There are ${LIMITS.sort} sort keys at most`);
  return keys.map((key) => {
    const down = key.startsWith("-");
    return { path: pathOf(down ? key.slice(1) : key), down };
  });
}
