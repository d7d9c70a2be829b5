/**
 * A `where` and a sort order as SQL. Every value is bound, names of keys included; the text is made
 * of this file's own pieces alone.
 *
 * @module
 */
import type { SqlValue } from "./driver.ts";
import { MATCHES } from "./sql_patterns.ts";
import type { Json } from "./store.ts";
import { type Bound, type Condition, isDate, type Path, type SortKey } from "./where.ts";

/** SQL with what is bound to it, in order. */
export interface Piece {
  /** The text. */
  readonly text: string;
  /** The values of its question marks. */
  readonly values: readonly SqlValue[];
}

function sql(text: string, ...values: readonly SqlValue[]): Piece {
  return { text, values };
}

function join(pieces: readonly Piece[], by: string): Piece {
  return {
    text: `(${pieces.map(({ text }) => text).join(` ${by} `)})`,
    values: pieces.flatMap(({ values }) => values),
  };
}

/** A field as SQL sees it. */
interface Field {
  /** Selects its candidates, with their JSON types. */
  readonly candidates: Piece;
  /** Whether it is there. */
  readonly exists: Piece;
  /** How many elements it has, where it is an array. */
  readonly size: Piece;
  /** What it is sorted by. */
  readonly order: Piece;
  /** Whether it holds times in ms where JSON has dates. */
  readonly dates?: boolean;
}

const YES = sql("1");
const NO = sql("0");
const NOTHING = sql("NULL");

function text(column: string): Field {
  return {
    candidates: sql(`SELECT 'text' AS type, ${column} AS value WHERE ${column} IS NOT NULL`),
    exists: sql(`(${column} IS NOT NULL)`),
    size: NOTHING,
    order: sql(column),
  };
}

function truth(expression: string): Field {
  return {
    candidates: sql(`SELECT iif(${expression}, 'true', 'false') AS type, ${expression} AS value`),
    exists: YES,
    size: NOTHING,
    order: sql(expression),
  };
}

function time(column: string): Field {
  return {
    candidates: sql(`SELECT 'integer' AS type, ${column} AS value WHERE ${column} IS NOT NULL`),
    exists: sql(`(${column} IS NOT NULL)`),
    size: NOTHING,
    order: sql(column),
    dates: true,
  };
}

function clients(which: string): Field {
  const all = `FROM members m WHERE m.conversation = c.number AND ${which}`;
  const list = `(SELECT json_group_array(client) FROM (SELECT m.client ${all} ORDER BY m.place))`;
  return {
    candidates: sql(
      `SELECT 'array' AS type, ${list} AS value UNION ALL SELECT 'text', m.client ${all}`,
    ),
    exists: YES,
    size: sql(`(SELECT count(*) ${all})`),
    order: sql(list),
  };
}

const fields: { readonly [key: string]: Field } = {
  objectId: text("c.id"),
  c: text("c.creator"),
  uniqueId: text("c.unique_id"),
  m: clients("1"),
  mu: clients("m.muted = 1"),
  tr: truth("c.kind = 'room'"),
  sys: truth("c.kind = 'service'"),
  unique: truth("c.unique_id IS NOT NULL"),
  createdAt: time("c.created_at"),
  updatedAt: time("c.updated_at"),
  lm: time("c.last_message_at"),
};

/** What is below a field that is no object. */
const nothing: Field = {
  candidates: sql("SELECT NULL AS type, NULL AS value WHERE 0"),
  exists: NO,
  size: NOTHING,
  order: NOTHING,
};

function attribute(path: Path): Field {
  const at = `$${path.map((key) => `."${key}"`).join("")}`;
  const wrapped = "json_each('[' || (c.attributes -> ?) || ']')";
  return {
    candidates: sql(
      `SELECT type, value FROM ${wrapped} UNION ALL SELECT e.type, e.value FROM ${wrapped} t,
        json_each(CASE t.type WHEN 'array' THEN t.value ELSE '[]' END) e`,
      at,
      at,
    ),
    exists: sql("((c.attributes -> ?) IS NOT NULL)", at),
    size: sql(
      "iif(json_type(c.attributes, ?) = 'array', json_array_length(c.attributes, ?), NULL)",
      at,
      at,
    ),
    order: sql("(c.attributes ->> ?)", at),
  };
}

function fieldAt(path: Path): Field {
  const [first = "", ...rest] = path;
  const field = Object.hasOwn(fields, first) ? fields[first] : undefined;
  if (!field) return attribute(path);
  return rest.length ? nothing : field;
}

/** Whether a candidate `v` is the literal `l`: of the same type, numbers being one. */
const SAME = `v.value IS l.value
  AND iif(v.type = 'real', 'integer', v.type) = iif(l.type = 'real', 'integer', l.type)`;

/** Literals as one bound value; what a field of times can't be is left out. */
function literals(field: Field, values: readonly Json[]): readonly Json[] {
  return field.dates ? values.filter(isDate).map(({ iso }) => Date.parse(iso)) : values;
}

const allText = (values: readonly Json[]): boolean =>
  values.every((value) => typeof value === "string");

/** What is no plain conversation: written as its index has it, or SQLite would not take that. */
const OF_KIND: { readonly [key: string]: string } = {
  tr: "(c.kind = 'room' AND c.kind IN ('room', 'service'))",
  sys: "(c.kind = 'service' AND c.kind IN ('room', 'service'))",
};

function isIn(app: string, path: Path, values: readonly Json[]): Piece {
  const list = JSON.stringify(values);
  const key = path.join(".");
  // These are found by their indexes, and are what nearly every query asks for.
  if (Object.hasOwn(OF_KIND, key) && list === "[true]") return sql(OF_KIND[key]!);
  if (key === "objectId" && allText(values)) {
    return sql("(c.id IN (SELECT value FROM json_each(?)))", list);
  }
  if (key === "m" && allText(values)) {
    return sql(
      `(c.number IN (SELECT conversation FROM members
        WHERE app = ? AND client IN (SELECT value FROM json_each(?))))`,
      app,
      list,
    );
  }
  const field = fieldAt(path);
  const { candidates, exists } = field;
  const found = sql(
    `EXISTS (SELECT 1 FROM (${candidates.text}) v, json_each(?) l WHERE ${SAME})`,
    ...candidates.values,
    JSON.stringify(literals(field, values)),
  );
  if (!values.includes(null)) return found;
  return join([found, sql(`NOT ${exists.text}`, ...exists.values)], "OR");
}

function every(app: string, path: Path, values: readonly Json[]): Piece {
  if (values.length === 0) return NO;
  const field = fieldAt(path);
  const wanted = literals(field, values);
  if (wanted.length < values.length) return NO;
  const { candidates } = field;
  const all = sql(
    `NOT EXISTS (SELECT 1 FROM json_each(?) l
      WHERE NOT EXISTS (SELECT 1 FROM (${candidates.text}) v WHERE ${SAME}))`,
    JSON.stringify(wanted),
    ...candidates.values,
  );
  // The first one narrows the search by the index.
  const [first] = values;
  if (path.join(".") !== "m" || typeof first !== "string") return all;
  return join([isIn(app, path, [first]), all], "AND");
}

function comparison(field: Field, by: string, bound: Bound): Piece {
  if (typeof bound === "object") {
    if (field.dates) return sql(`v.value ${by} ?`, Date.parse(bound.date));
    return sql(
      `CASE WHEN v.type = 'object' THEN json_extract(v.value, '$.__type') = 'Date'
        AND json_type(v.value, '$.iso') = 'text' AND json_extract(v.value, '$.iso') ${by} ?
        ELSE 0 END`,
      bound.date,
    );
  }
  if (field.dates) return NO;
  return typeof bound === "number"
    ? sql(`v.type IN ('integer', 'real') AND v.value ${by} ?`, bound)
    : sql(`v.type = 'text' AND v.value ${by} ?`, bound);
}

/** Whether a condition narrows the search to the conversations of some members. */
function isByMember(condition: Condition): boolean {
  if (condition.kind === "all") return condition.of.some(isByMember);
  if (condition.kind === "every") {
    return condition.path.join(".") === "m" && typeof condition.values[0] === "string";
  }
  return condition.kind === "in" && condition.path.join(".") === "m" && allText(condition.values);
}

/** Finds the ids of an app's conversations; a limit and an offset are still to be bound. */
export function findSql(app: string, condition: Condition, sort: readonly SortKey[]): Piece {
  const where = conditionSql(app, condition);
  const order = orderSql(sort);
  // The plus keeps SQLite from going through all of the app's where the members' index is better.
  const ofApp = `${isByMember(condition) ? "+" : ""}c.app = ?`;
  return {
    text:
      `SELECT c.id FROM conversations c WHERE ${ofApp} AND c.kind NOT IN ('temporary', 'exchange')
      AND ${where.text} ORDER BY ${order.text} LIMIT ? OFFSET ?`,
    values: [app, ...where.values, ...order.values],
  };
}

/** A condition on the table `conversations c`, true or false and never NULL. */
function conditionSql(app: string, condition: Condition): Piece {
  switch (condition.kind) {
    case "all":
      return join([YES, ...condition.of.map((part) => conditionSql(app, part))], "AND");
    case "any":
      return join([NO, ...condition.of.map((part) => conditionSql(app, part))], "OR");
    case "not":
      return join([sql("NOT"), conditionSql(app, condition.of)], "");
    case "in":
      return isIn(app, condition.path, condition.values);
    case "every":
      return every(app, condition.path, condition.values);
    case "compare": {
      const field = fieldAt(condition.path);
      const { candidates } = field;
      const compared = comparison(field, condition.by, condition.bound);
      return sql(
        `EXISTS (SELECT 1 FROM (${candidates.text}) v WHERE ${compared.text})`,
        ...candidates.values,
        ...compared.values,
      );
    }
    case "match": {
      const { candidates } = fieldAt(condition.path);
      const { source, options } = condition.pattern;
      return sql(
        `EXISTS (SELECT 1 FROM (${candidates.text}) v
          WHERE v.type = 'text' AND ${MATCHES}(?, ?, v.value))`,
        ...candidates.values,
        source,
        options,
      );
    }
    case "size": {
      const { size } = fieldAt(condition.path);
      return sql(`(${size.text} IS ?)`, ...size.values, condition.size);
    }
    case "exists":
      return fieldAt(condition.path).exists;
  }
}

/** A sort order; where all keys are equal, the older one comes first. */
function orderSql(keys: readonly SortKey[]): Piece {
  const pieces = keys.map(({ path, down }) => {
    const { order } = fieldAt(path);
    return sql(`${order.text}${down ? " DESC" : ""}`, ...order.values);
  });
  return {
    text: [...pieces.map(({ text }) => text), "c.created_at", "c.id"].join(", "),
    values: pieces.flatMap(({ values }) => values),
  };
}
