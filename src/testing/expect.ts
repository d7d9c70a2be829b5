/**
 * What a case expects, without an assertion library: a failure says what was expected and what came.
 *
 * @module
 */

/** A promise that is not kept. Runners that know `expected` and `actual` show how they differ. */
export class ContractError extends Error {
  /** What should have been. */
  readonly expected: unknown;
  /** What was. */
  readonly actual: unknown;

  /** What was looked at, what it should have been, and what it was. */
  constructor(what: string, expected: unknown, actual: unknown) {
    super(`${what}: expected ${show(expected)}, got ${show(actual)}`);
    this.name = "ContractError";
    this.expected = expected;
    this.actual = actual;
  }
}

/** How much of a value a message shows. */
const SHOWN = 8;
const SHOWN_TEXT = 40;

/** A value for people, short. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    const text = JSON.stringify(value.slice(0, SHOWN_TEXT));
    return value.length > SHOWN_TEXT ? `${text}… (${value.length} characters)` : text;
  }
  if (value instanceof Uint8Array || Array.isArray(value)) {
    const name = Array.isArray(value) ? "" : "bytes ";
    const all: readonly unknown[] = [...value];
    const shown = all.slice(0, SHOWN).map(show).join(", ");
    return all.length > SHOWN ? `${name}[${shown}, … ${all.length} in all]` : `${name}[${shown}]`;
  }
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "object" && value) {
    return `{ ${Object.entries(value).map(([key, one]) => `${key}: ${show(one)}`).join(", ")} }`;
  }
  return String(value);
}

function isSame(expected: unknown, actual: unknown): boolean {
  if (Object.is(expected, actual)) return true;
  if (!(expected instanceof Uint8Array && actual instanceof Uint8Array)) return false;
  return expected.length === actual.length && expected.every((byte, at) => byte === actual[at]);
}

/** Fails unless a value is the expected one; bytes are compared by their value. */
export function same(what: string, expected: unknown, actual: unknown): void {
  if (!isSame(expected, actual)) throw new ContractError(what, expected, actual);
}

/** Fails unless two lists are the same, and says where they differ first. */
export function sameList(
  what: string,
  expected: readonly unknown[],
  actual: readonly unknown[],
): void {
  expected.forEach((one, at) => {
    if (at < actual.length) {
      same(`${what}, number ${at + 1} of ${expected.length}`, one, actual[at]);
    }
  });
  if (expected.length !== actual.length) throw new ContractError(what, expected, actual);
}
