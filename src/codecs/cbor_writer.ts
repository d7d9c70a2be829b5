/**
 * Commands to CBOR (RFC 8949).
 *
 * Of our own as the reader is, since what a codec writes is a handful of CBOR's types: a library
 * costs those who import the codec six times as much, makes floats of integers beyond 32 bits, and
 * writes lone surrogates, which are no UTF-8.
 *
 * @module
 */
import { encodeUtf8Into } from "../environment/utf8.ts";
import { type Field, pathOf, type Plan, type Values, wrongValue } from "./plan.ts";

/** The size of the buffer that is kept, in bytes. A frame that outgrows it takes its own with it. */
const KEPT = 16_384;

/** More than any head takes, with what ends a map. */
const HEAD = 16;

/** The major types: the upper three bits of an item's first byte. */
const UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4;

/** The head of a map without a length, and what ends it. */
const OPEN = 0xbf, BREAK = 0xff;

const FALSE = 0xf4, TRUE = 0xf5;

/** Writes one frame after the other into the same buffer, and lends it out. */
export class CborWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(KEPT);
  #at = 0;

  /**
   * A message: a map without a length from the fields' numbers to their values; `last` comes last.
   * Throws a `TypeError` that names the field that is wrong.
   */
  frame(plan: Plan, values: Values, last?: readonly [field: Field, value: unknown]): Uint8Array {
    this.#at = 0;
    this.#map(plan, values, last);
    return this.#end();
  }

  /** A finished frame with one field more: it takes the place of the break that ends the frame. */
  extended(frame: Uint8Array, field: Field, value: unknown): Uint8Array {
    this.#at = 0;
    this.#append(frame.subarray(0, -1));
    this.#field(field, value);
    this.#reserve(HEAD);
    this.#bytes[this.#at++] = BREAK;
    return this.#end();
  }

  #end(): Uint8Array {
    const frame = this.#bytes.subarray(0, this.#at);
    if (this.#bytes.length > KEPT) this.#bytes = new Uint8Array(KEPT);
    return frame;
  }

  #map(plan: Plan, values: Values, last?: readonly [field: Field, value: unknown]): void {
    this.#reserve(HEAD);
    this.#bytes[this.#at++] = OPEN;
    for (const key in values) {
      const value = values[key];
      if (value === undefined) continue;
      const field = plan.byName.get(key);
      if (field !== undefined) this.#field(field, value);
    }
    for (const name of plan.required) {
      if (values[name] === undefined) throw new TypeError(`${name} is missing`);
    }
    if (last) this.#field(...last);
    this.#reserve(HEAD);
    this.#bytes[this.#at++] = BREAK;
  }

  /** A field's number and value; an empty list is absent. */
  #field(field: Field, value: unknown): void {
    this.#reserve(HEAD);
    const key = field.tag >>> 3;
    if (!field.repeated) {
      this.#head(UINT, key);
      return this.#value(field, value);
    }
    if (!Array.isArray(value)) throw wrongValue(field.name, "array", value);
    if (value.length === 0) return;
    this.#head(UINT, key);
    this.#head(ARRAY, value.length);
    for (let i = 0; i < value.length; i++) this.#value(field, value[i], i);
  }

  #value(field: Field, value: unknown, index?: number): void {
    this.#reserve(HEAD);
    switch (field.kind) {
      case "string":
        if (typeof value === "string") return this.#text(value);
        break;
      case "int64":
        if (Number.isSafeInteger(value)) return this.#integer(value as number);
        break;
      case "bool":
        if (typeof value !== "boolean") break;
        this.#bytes[this.#at++] = value ? TRUE : FALSE;
        return;
      case "int32":
        if (typeof value === "number" && value === (value | 0)) return this.#integer(value);
        break;
      case "enum": {
        const number = field.numbers.get(value);
        if (number !== undefined) return this.#integer(number);
        break;
      }
      case "bytes":
        if (!(value instanceof Uint8Array)) break;
        this.#head(BYTES, value.length);
        return this.#append(value);
      case "message":
        if (value && typeof value === "object") return this.#message(field, value as Values, index);
    }
    throw wrongValue(pathOf(field, index), field.kind, value);
  }

  #message(field: Field, message: Values, index?: number): void {
    try {
      this.#map(field.plan!, message);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`${pathOf(field, index)}.${error.message}`);
    }
  }

  #integer(value: number): void {
    if (value < 0) this.#head(NEGATIVE, -1 - value);
    else this.#head(UINT, value);
  }

  #text(value: string): void {
    const { length } = value;
    this.#reserve(HEAD + 3 * length);
    // Its length in bytes is known afterwards; mostly it takes as many as that in units does.
    const guess = headSize(length);
    const from = this.#at + guess;
    const size = encodeUtf8Into(value, this.#bytes, from);
    const needed = headSize(size);
    if (needed !== guess) this.#bytes.copyWithin(this.#at + needed, from, from + size);
    this.#head(TEXT, size);
    this.#at += size;
  }

  /** The head of an item: its type with a number of up to 53 bits. */
  #head(major: number, value: number): void {
    const bytes = this.#bytes;
    const type = major << 5;
    if (value < 24) {
      bytes[this.#at++] = type | value;
      return;
    }
    const size = headSize(value) - 1;
    // 24, 25, 26 and 27 stand for 1, 2, 4 and 8 bytes.
    bytes[this.#at++] = type | 24 + Math.log2(size);
    let rest = value;
    for (let at = this.#at + size - 1; at >= this.#at; at--) {
      bytes[at] = rest;
      rest = Math.floor(rest / 0x100);
    }
    this.#at += size;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#at + count, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
  }
}

/** How many bytes the head of an item takes. */
function headSize(value: number): number {
  if (value < 24) return 1;
  if (value < 0x100) return 2;
  if (value < 0x1_0000) return 3;
  return value < 0x1_0000_0000 ? 5 : 9;
}
