/**
 * Commands to bytes.
 *
 * @module
 */
import { encodeUtf8Into } from "../environment/utf8.ts";
import type { Field, Plan } from "./plan.ts";

/** The buffer that is kept between frames; a frame that outgrows it gets one of its own. */
const KEPT = 16_384;

/** The most that a tag and a varint (or a length) take. */
const HEAD = 16;

type Values = Readonly<Record<string, unknown>>;

/** Writes one frame after the other into the same buffer, and lends it out. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(KEPT);
  #at = 0;

  /** Starts a frame with these bytes, or with none. */
  start(head?: Uint8Array): void {
    this.#at = 0;
    if (!head) return;
    this.#reserve(head.length);
    // What stands there already are the bytes of the frame that was lent out last.
    this.#bytes.set(head);
    this.#at = head.length;
  }

  /** The frame: valid until the next `start`. */
  end(): Uint8Array<ArrayBuffer> {
    const frame = this.#bytes.subarray(0, this.#at);
    if (this.#bytes.length > KEPT) this.#bytes = new Uint8Array(KEPT);
    return frame;
  }

  /** One field of one message. */
  field(field: Field, value: unknown): void {
    if (!field.repeated) return this.#value(field, value);
    if (!Array.isArray(value)) throw wrong(field.name, "an array", value);
    for (let i = 0; i < value.length; i++) {
      try {
        this.#value(field, value[i]);
      } catch (error) {
        throw within(`${field.name}[${i}]`, field.name, error);
      }
    }
  }

  #message(plan: Plan, message: Values): void {
    for (const key in message) {
      const value = message[key];
      if (value === undefined) continue;
      const field = plan.byName.get(key);
      if (field !== undefined) this.field(field, value);
    }
    for (const name of plan.required) {
      if (message[name] === undefined) throw new TypeError(`${name} is missing`);
    }
  }

  #value(field: Field, value: unknown): void {
    this.#reserve(HEAD);
    switch (field.kind) {
      case "string": {
        if (typeof value !== "string") throw wrong(field.name, "a string", value);
        this.#tag(field.number, 2);
        const from = this.#open(value.length);
        this.#reserve(value.length * 3);
        this.#at += encodeUtf8Into(value, this.#bytes, this.#at);
        return this.#close(from, value.length);
      }
      case "int32":
        if (value !== (value as number | 0)) throw wrong(field.name, "an int32", value);
        this.#tag(field.number, 0);
        return value < 0 ? this.#wide(value) : this.#varint(value);
      case "int64":
        if (!Number.isSafeInteger(value)) throw wrong(field.name, "a safe integer", value);
        this.#tag(field.number, 0);
        return this.#wide(value as number);
      case "bool":
        if (typeof value !== "boolean") throw wrong(field.name, "a boolean", value);
        this.#tag(field.number, 0);
        this.#bytes[this.#at++] = value ? 1 : 0;
        return;
      case "enum": {
        const number = field.numbers!.get(value);
        if (number === undefined) throw wrong(field.name, "a name of its enum", value);
        this.#tag(field.number, 0);
        return this.#varint(number);
      }
      case "bytes":
        if (!(value instanceof Uint8Array)) throw wrong(field.name, "a Uint8Array", value);
        this.#tag(field.number, 2);
        this.#varint(value.length);
        this.#reserve(value.length);
        this.#bytes.set(value, this.#at);
        this.#at += value.length;
        return;
      case "message": {
        if (typeof value !== "object" || value === null) {
          throw wrong(field.name, "an object", value);
        }
        this.#tag(field.number, 2);
        // A guess: most messages take two bytes for their length.
        const from = this.#open(128);
        try {
          this.#message(field.plan!, value as Values);
        } catch (error) {
          throw within(field.name, "", error);
        }
        return this.#close(from, 128);
      }
    }
  }

  #tag(number: number, type: number): void {
    this.#varint(number << 3 | type);
  }

  /** Leaves room for a length that is guessed; `#close` puts it there once it is known. */
  #open(guess: number): number {
    return this.#at += varintSize(guess);
  }

  #close(from: number, guess: number): void {
    const length = this.#at - from;
    const size = varintSize(guess);
    const shift = varintSize(length) - size;
    if (shift !== 0) {
      this.#reserve(shift);
      this.#bytes.copyWithin(from + shift, from, this.#at);
    }
    this.#at = from - size;
    this.#varint(length);
    this.#at += length;
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    while (value > 0x7f) {
      bytes[this.#at++] = value & 0x7f | 0x80;
      value >>>= 7;
    }
    bytes[this.#at++] = value;
  }

  /** A 64-bit varint: negative numbers take ten bytes. */
  #wide(value: number): void {
    let low = value >>> 0;
    let high = Math.floor(value / 0x1_0000_0000) >>> 0;
    const bytes = this.#bytes;
    while (high > 0 || low > 0x7f) {
      bytes[this.#at++] = low & 0x7f | 0x80;
      low = (low >>> 7 | high << 25) >>> 0;
      high >>>= 7;
    }
    bytes[this.#at++] = low;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
  }
}

function varintSize(value: number): number {
  return value < 0x80
    ? 1
    : value < 0x4000
    ? 2
    : value < 0x20_0000
    ? 3
    : value < 0x1000_0000
    ? 4
    : 5;
}

function wrong(name: string, expected: string, value: unknown): TypeError {
  const shown = typeof value === "string" || typeof value === "number"
    ? JSON.stringify(value)
    : value === null
    ? "null"
    : typeof value;
  return new TypeError(`${name} is ${shown}, not ${expected}`);
}

/** The same error, its path one step longer. */
function within(step: string, replaced: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const rest = replaced ? error.message.slice(replaced.length) : `.${error.message}`;
  return new TypeError(step + rest);
}
