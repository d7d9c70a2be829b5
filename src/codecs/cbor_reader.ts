/**
 * CBOR (RFC 8949) to commands.
 *
 * cbor-x would read it too, but not as a codec must: it builds whatever a stranger tags (dates, sets,
 * circles, by tables that any code on the page may extend), takes the byte order mark off a longer
 * text, reads past the end of a text that breaks off, recurses as deep as it is told to, and can't say
 * where it stopped. So frames are read here, field by field as the tables have them, and what nobody
 * knows is passed over unbuilt.
 *
 * @module
 */
import { decodeUtf8 } from "../environment/utf8.ts";
import { DecodeError } from "../protocol/errors.ts";
import type { Field, Plan, Values } from "./plan.ts";

/** How deep a value may be that is skipped; commands themselves are four deep. */
const DEPTH = 64;

/** The major types that are named here: the upper three bits of an item's first byte. */
const UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7;

/** What the lower five bits say of an item without a length, and of simple values. */
const INDEFINITE = 31, FALSE = 20, TRUE = 21;

/** The byte that ends an item without a length. */
const BREAK = 0xff;

/** Reads one frame. */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Of the item whose head was read last: where it begins, its type, the lower bits, the argument. */
  #start = 0;
  #major = 0;
  #info = 0;
  #argument = 0;

  /** A reader of these bytes, of which it keeps nothing. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads all of the bytes as one message. */
  whole(plan: Plan): Values {
    this.#head();
    if (this.#major !== MAP) throw new DecodeError("The frame is no map", 0);
    const message = this.#message(plan);
    if (this.#at < this.#bytes.length) {
      throw new DecodeError("Something follows the command", this.#at);
    }
    return message;
  }

  /** A message, after its map's head. */
  #message(plan: Plan): Values {
    const message: Values = {};
    for (let left = this.#argument; this.#more(left); left--) {
      this.#head();
      const field = this.#major === UINT ? plan.byNumber[this.#argument] : undefined;
      if (field === undefined) {
        // A key of another kind, or a number that is newer than these tables.
        this.#skip(DEPTH);
        this.#head();
        this.#skip(DEPTH);
        continue;
      }
      this.#head();
      const value = field.repeated ? this.#list(field) : this.#value(field);
      if (value !== undefined) field.set(message, value);
    }
    for (const name of plan.required) {
      if (message[name] === undefined) throw new DecodeError(`${name} is missing`, this.#at);
    }
    return message;
  }

  /** A repeated field's values, after their array's head. */
  #list(field: Field): unknown[] | undefined {
    if (this.#major !== ARRAY) throw new DecodeError(`${field.name} is no array`, this.#start);
    const list: unknown[] = [];
    for (let left = this.#argument; this.#more(left); left--) {
      this.#head();
      const value = this.#value(field);
      if (value !== undefined) list.push(value);
    }
    return list.length > 0 ? list : undefined;
  }

  /** A value, after its head; `undefined` for an enum's number that is newer than these tables. */
  #value(field: Field): unknown {
    switch (field.kind) {
      case "string":
        if (this.#major === TEXT) return decodeUtf8(this.#bytes, this.#at, this.#end());
        break;
      case "int64": {
        const value = this.#number();
        // Adding 0 makes 0 of -0.
        if (Number.isSafeInteger(value)) return value + 0;
        break;
      }
      case "bool":
        if (this.#major !== SIMPLE) break;
        if (this.#info === TRUE) return true;
        if (this.#info === FALSE) return false;
        break;
      case "int32": {
        const value = this.#number();
        if (value === (value | 0)) return value | 0;
        break;
      }
      case "enum": {
        const value = this.#number();
        if (Number.isInteger(value)) return field.names[value];
        break;
      }
      case "bytes":
        // Not `slice`: that of Node's Buffer does not copy.
        if (this.#major === BYTES) {
          return new Uint8Array(this.#bytes.subarray(this.#at, this.#end()));
        }
        break;
      case "message":
        if (this.#major === MAP) return this.#message(field.plan!);
    }
    throw new DecodeError(`${field.name} is no ${field.kind}`, this.#start);
  }

  /** The number whose head was read, also where others wrote it as a float; NaN for anything else. */
  #number(): number {
    if (this.#major === UINT) return this.#argument;
    if (this.#major === NEGATIVE) return -1 - this.#argument;
    if (this.#major === SIMPLE) {
      if (this.#info === 27) return this.#view.getFloat64(this.#at - 8);
      if (this.#info === 26) return this.#view.getFloat32(this.#at - 4);
      if (this.#info === 25) return half(this.#argument);
    }
    return NaN;
  }

  /** Passes over a value that may hold others, so many within each other, after its head. */
  #skip(depth: number): void {
    const major = this.#major;
    const isString = major === BYTES || major === TEXT;
    if (isString && this.#info !== INDEFINITE) return void this.#end();
    if (major < BYTES || major === SIMPLE) return;
    if (depth === 0) throw new DecodeError("A value is too deep", this.#start);
    const count = major === TAG ? 1 : major === MAP ? 2 * this.#argument : this.#argument;
    for (let left = count; this.#more(left); left--) {
      this.#head();
      if (isString && this.#major !== major) {
        throw new DecodeError("A string is in parts that are none", this.#start);
      }
      this.#skip(isString ? 0 : depth - 1);
    }
  }

  /** Where the string ends whose head was read; what follows is read next. */
  #end(): number {
    const end = this.#at + this.#argument;
    if (this.#info === INDEFINITE) {
      throw new DecodeError("A string is in parts, which no field may be", this.#start);
    }
    if (end > this.#bytes.length) {
      throw new DecodeError("A field goes beyond the end", this.#start);
    }
    return this.#at = end;
  }

  /** Whether another item follows, where so many are left, or a break is due. */
  #more(left: number): boolean {
    if (left !== Infinity) return left > 0;
    if (this.#bytes[this.#at] !== BREAK) return true;
    this.#at++;
    return false;
  }

  /** Reads an item's head: its type, and its number or how much follows. */
  #head(): void {
    const start = this.#at;
    const first = this.#bytes[start];
    if (first === undefined) throw new DecodeError("The frame breaks off", start);
    const info = first & 31;
    this.#start = start;
    this.#major = first >> 5;
    this.#info = info;
    if (info < 24) {
      this.#argument = info;
      this.#at = start + 1;
    } else {
      this.#argument = this.#wide(info, start + 1);
    }
  }

  /** The argument of a head that has its own bytes; infinite where there is no length. */
  #wide(info: number, at: number): number {
    if (info === INDEFINITE && this.#major >= BYTES && this.#major <= MAP) {
      this.#at = at;
      return Infinity;
    }
    if (info > 27) throw new DecodeError("An item is not CBOR", this.#start);
    this.#at = at + (1 << info - 24);
    if (this.#at > this.#bytes.length) throw new DecodeError("The frame breaks off", this.#start);
    if (info === 24) return this.#view.getUint8(at);
    if (info === 25) return this.#view.getUint16(at);
    const upper = this.#view.getUint32(at);
    return info === 26 ? upper : upper * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }
}

/** A float of 16 bits. */
function half(bits: number): number {
  const exponent = bits >> 10 & 31;
  const fraction = bits & 1023;
  const size = exponent === 31
    ? fraction ? NaN : Infinity
    : exponent === 0
    ? fraction * 2 ** -24
    : (fraction + 1024) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}
