/**
 * JSON text to commands. The platform's parser reads the single values; what stands around them is
 * read here, so that an error says where it is, what nobody knows is skipped unbuilt, and depth
 * is bounded.
 *
 * @module
 */
import { DecodeError } from "../protocol/errors.ts";
import { fromBase64 } from "./base64_codec.ts";
import type { Field, Plan, Values } from "./plan.ts";

/** How deep a value may be that is skipped; commands themselves are four deep. */
const DEPTH = 64;

/** Every character of a number, `true`, `false` and `null`. */
const WORD = "+-.0123456789Eaeflnrstu";

/** How long a text is at most that is read character by character. */
const SHORT = 64;

const SPACE = 32, QUOTE = 34, ZERO = 48, BACKSLASH = 92;

/** Reads one frame. */
export class JsonReader {
  readonly #text: string;
  #at = 0;

  /** A reader of this text. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Reads all of the text as one message. */
  whole(plan: Plan): Values {
    const message = this.#message(plan);
    if (this.#next() !== "") throw new DecodeError("Something follows the command", this.#at);
    return message;
  }

  #message(plan: Plan): Values {
    const message: Values = {};
    this.#items("{", "}", () => {
      const field = plan.byName.get(this.#key());
      if (field === undefined) return this.#skip(DEPTH);
      const value = field.repeated ? this.#list(field) : this.#value(field);
      if (value !== undefined) field.set(message, value);
    });
    for (const name of plan.required) {
      if (message[name] === undefined) throw new DecodeError(`${name} is missing`, this.#at);
    }
    return message;
  }

  #list(field: Field): unknown[] | undefined {
    if (this.#next() !== "[") throw new DecodeError(`${field.name} is no array`, this.#at);
    const list: unknown[] = [];
    this.#items("[", "]", () => {
      const value = this.#value(field);
      if (value !== undefined) list.push(value);
    });
    return list.length > 0 ? list : undefined;
  }

  /** A value of a field; `undefined` for an enum's name that is newer than these tables. */
  #value(field: Field): unknown {
    const { name, kind } = field;
    const first = this.#next();
    const start = this.#at;
    if (kind === "message" && first === "{") return this.#message(field.plan!);
    const value = first === "{" || first === "[" ? undefined : this.#scalar();
    switch (kind) {
      case "string":
        if (typeof value === "string") return wellFormed(value);
        break;
      case "int64":
        // Adding 0 makes 0 of -0.
        if (Number.isSafeInteger(value)) return value as number + 0;
        break;
      case "bool":
        if (typeof value === "boolean") return value;
        break;
      case "int32":
        if (typeof value === "number" && value === (value | 0)) return value | 0;
        break;
      case "enum":
        if (typeof value === "string") return field.numbers.has(value) ? value : undefined;
        break;
      case "bytes":
        if (typeof value === "string") return bytes(value, start + 1);
    }
    throw new DecodeError(`${name} is no ${kind}`, start);
  }

  /** Passes over a value that may hold others, so many within each other. */
  #skip(depth: number): void {
    const first = this.#next();
    if (first !== "{" && first !== "[") return void this.#scalar();
    if (depth === 0) throw new DecodeError("A value is too deep", this.#at);
    if (first === "[") return this.#items("[", "]", () => this.#skip(depth - 1));
    this.#items("{", "}", () => {
      this.#key();
      this.#skip(depth - 1);
    });
  }

  /** A key, and the colon after it. */
  #key(): string {
    if (this.#next() !== '"') throw new DecodeError("A key is missing", this.#at);
    const key = this.#scalar() as string;
    this.#take(":");
    return key;
  }

  /** Reads what stands between two brackets, with commas between. */
  #items(open: string, close: string, item: () => void): void {
    this.#take(open);
    if (this.#next() !== close) {
      item();
      while (this.#next() === ",") {
        this.#at++;
        item();
      }
    }
    this.#take(close);
  }

  /** The next character that is no space, which is left; none at the end. */
  #next(): string {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 32 || code === 10 || code === 13 || code === 9) {
      code = this.#text.charCodeAt(++this.#at);
    }
    return this.#text.charAt(this.#at);
  }

  #take(character: string): void {
    if (this.#next() !== character) throw new DecodeError(`${character} is missing`, this.#at);
    this.#at++;
  }

  /** A value that holds no other, and begins right here. */
  #scalar(): unknown {
    const start = this.#at;
    const plain = this.#text[start] === '"' ? this.#plainText(start) : this.#plainNumber(start);
    if (plain !== undefined) return plain;
    this.#at = this.#text[start] === '"' ? this.#endOfString(start) : this.#endOfWord(start);
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch (cause) {
      throw new DecodeError("A value is not JSON", start, { cause });
    }
  }

  /** A short text without escapes, as keys and ids are: the platform's parser takes longer to call. */
  #plainText(start: number): string | undefined {
    const text = this.#text;
    for (let at = start + 1; at < start + SHORT; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start + 1, at);
      }
      // An escape, a control character, or the end of the frame.
      if (code === BACKSLASH || !(code >= SPACE)) return undefined;
    }
    return undefined;
  }

  /** A whole number of at most 15 digits that does not begin with 0. */
  #plainNumber(start: number): number | undefined {
    let value = 0;
    for (let at = start; at < start + 16; at++) {
      const digit = this.#text.charCodeAt(at) - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        if (value === 0) return undefined;
      } else {
        // What follows may make it another number, or none.
        if (value === 0 || WORD.includes(this.#text.charAt(at) || " ")) return undefined;
        this.#at = at;
        return value;
      }
    }
    return undefined;
  }

  #endOfString(start: number): number {
    const text = this.#text;
    for (let at = text.indexOf('"', start + 1); at > 0; at = text.indexOf('"', at + 1)) {
      let before = at;
      while (text[before - 1] === "\\") before--;
      // Two backslashes are one in the string; an odd one makes the quote a part of it.
      if ((at - before) % 2 === 0) return at + 1;
    }
    return text.length;
  }

  #endOfWord(start: number): number {
    let at = start;
    while (at < this.#text.length && WORD.includes(this.#text[at]!)) at++;
    return at;
  }
}

function bytes(text: string, start: number): Uint8Array {
  try {
    return fromBase64(text);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(error.message, start + error.offset, { cause: error });
  }
}

/** The text with U+FFFD for each lone surrogate, which no UTF-8 can hold. */
export function wellFormed(text: string): string {
  // Younger than the language that is assumed, and many times as fast.
  const known: boolean | undefined = text.isWellFormed?.();
  return known ? text : text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}
