/**
 * Commands to bytes.
 *
 * @module
 */
import type { Utf8 } from "../environment/environment.ts";
import { type Field, pathOf, type Plan, type Values, wrongValue } from "./plan.ts";

/** The size of the buffer that is kept, in bytes. A frame that outgrows it takes its own with it. */
const KEPT = 16_384;

/** More than any tag and number, or any tag and length, takes. */
const HEAD = 16;

/** Writes one frame after the other into the same buffer, and lends it out. */
export class Writer {
  readonly #utf8: Utf8;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(KEPT);
  #at = 0;

  /** A writer of texts as that UTF-8. */
  constructor(utf8: Utf8) {
    this.#utf8 = utf8;
  }

  /** Begins a frame. */
  begin(): void {
    this.#at = 0;
  }

  /** Writes bytes as they are, also those of the frame lent out last. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The frame, which is valid until the next `begin`. */
  end(): Uint8Array<ArrayBuffer> {
    const frame = this.#bytes.subarray(0, this.#at);
    if (this.#bytes.length > KEPT) this.#bytes = new Uint8Array(KEPT);
    return frame;
  }

  /** Writes one field of a message. */
  field(field: Field, value: unknown): void {
    if (!field.repeated) return this.#element(field, value);
    if (!Array.isArray(value)) throw wrongValue(field.name, "array", value);
    for (let i = 0; i < value.length; i++) this.#element(field, value[i], i);
  }

  #element(field: Field, value: unknown, index?: number): void {
    this.#reserve(HEAD);
    this.#varint(field.tag);
    switch (field.kind) {
      case "string":
        if (typeof value === "string") return this.#string(value);
        break;
      case "int64":
        if (Number.isSafeInteger(value)) return this.#wide(value as number);
        break;
      case "bool":
        if (typeof value === "boolean") return this.#varint(value ? 1 : 0);
        break;
      case "int32":
        if (typeof value === "number" && value === (value | 0)) return this.#varint(value);
        break;
      case "enum": {
        const number = field.numbers.get(value);
        if (number !== undefined) return this.#varint(number);
        break;
      }
      case "bytes":
        if (value instanceof Uint8Array) {
          this.#varint(value.length);
          return this.append(value);
        }
        break;
      case "message":
        if (value && typeof value === "object") return this.#message(field, value as Values, index);
    }
    throw wrongValue(pathOf(field, index), field.kind, value);
  }

  #message(field: Field, message: Values, index?: number): void {
    // Most messages are longer than 127 bytes and shorter than 16 KB.
    const from = this.#open(2);
    try {
      this.fields(field.plan!, message);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`${pathOf(field, index)}.${error.message}`);
    }
    this.#close(from, 2);
  }

  /** Writes the fields of a message, in the order of its keys. */
  fields(plan: Plan, message: Readonly<Values>): void {
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

  #string(value: string): void {
    const { length } = value;
    this.#reserve(HEAD + 3 * length);
    const at = this.#at;
    if (length <= 42) {
      // At most 126 bytes, the length of which takes one.
      const size = this.#utf8.encodeInto(value, this.#bytes, at + 1);
      this.#bytes[at] = size;
      this.#at = at + 1 + size;
    } else {
      const guess = sizeOf(length);
      const from = this.#open(guess);
      this.#at += this.#utf8.encodeInto(value, this.#bytes, from);
      this.#close(from, guess);
    }
  }

  /** Leaves room for a length that is guessed to take so many bytes; returns where it ends. */
  #open(guess: number): number {
    return this.#at += guess;
  }

  /** Writes the length, once it is known, into the room left for it. */
  #close(from: number, guess: number): void {
    const length = this.#at - from;
    const size = sizeOf(length);
    if (size !== guess) {
      this.#reserve(HEAD);
      this.#bytes.copyWithin(from - guess + size, from, this.#at);
    }
    this.#at = from - guess;
    this.#varint(length);
    this.#at += length;
  }

  #varint(value: number): void {
    if (value >= 0 && value < 0x80) this.#bytes[this.#at++] = value;
    else this.#wide(value);
  }

  /** A number of up to 64 bits; a negative one takes ten bytes. */
  #wide(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let low = value >>> 0;
    let high = Math.floor(value / 0x1_0000_0000) >>> 0;
    while (high > 0 || low > 0x7f) {
      bytes[at++] = low & 0x7f | 0x80;
      low = (low >>> 7 | high << 25) >>> 0;
      high >>>= 7;
    }
    bytes[at++] = low;
    this.#at = at;
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const bytes = new Uint8Array(Math.max(this.#at + count, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
  }
}

/** How many bytes a length takes. */
function sizeOf(length: number): number {
  let size = 1;
  while (length > 0x7f) {
    length >>>= 7;
    size++;
  }
  return size;
}
