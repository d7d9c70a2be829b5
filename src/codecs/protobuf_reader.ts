/**
 * Bytes to commands.
 *
 * @module
 */
import { decodeUtf8Range } from "../environment/utf8.ts";
import { DecodeError } from "../protocol/errors.ts";
import type { Field, Plan } from "./plan.ts";

type Values = Record<string, unknown>;

/** Reads one frame. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #end: number;
  // What `#varint` read: a 64-bit number in two halves.
  #low = 0;
  #high = 0;

  /** A reader of these bytes, which are not kept. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** The message that the bytes up to the end are, added to what `into` has already. */
  message(plan: Plan, into: Values): Values {
    while (this.#at < this.#end) {
      const start = this.#at;
      this.#varint();
      const tag = this.#low;
      if (this.#high !== 0 || tag >>> 3 === 0) throw new DecodeError("Not a field's tag", start);
      const field = plan.byNumber[tag >>> 3];
      if (field === undefined || (tag & 7) !== wireType(field)) this.#skip(tag & 7, start);
      else this.#field(field, into);
    }
    for (const name of plan.required) {
      if (into[name] === undefined) throw new DecodeError(`${name} is missing`, this.#at);
    }
    return into;
  }

  #field(field: Field, into: Values): void {
    const { name } = field;
    // A message that occurs twice is one message: the second one's fields are added to the first's.
    const known = field.kind === "message" && !field.repeated ? into[name] : undefined;
    const value = this.#value(field, known as Values | undefined);
    if (value === undefined) return;
    if (!field.repeated) into[name] = value;
    else if (into[name] === undefined) into[name] = [value];
    else (into[name] as unknown[]).push(value);
  }

  #value(field: Field, known: Values | undefined): unknown {
    switch (field.kind) {
      case "string": {
        const end = this.#length();
        const text = decodeUtf8Range(this.#bytes, this.#at, end);
        this.#at = end;
        return text;
      }
      case "int32":
        this.#varint();
        return this.#low | 0;
      case "int64":
        return this.#int64();
      case "bool":
        this.#varint();
        return (this.#low | this.#high) !== 0;
      case "enum":
        this.#varint();
        return field.names!.get(this.#low | 0);
      case "bytes": {
        const end = this.#length();
        const bytes = this.#bytes.slice(this.#at, end);
        this.#at = end;
        return bytes;
      }
      case "message": {
        const outer = this.#end;
        this.#end = this.#length();
        const message = this.message(field.plan!, known ?? {});
        this.#end = outer;
        return message;
      }
    }
  }

  /** Where the field that starts here with its length ends. */
  #length(): number {
    const start = this.#at;
    this.#varint();
    const end = this.#at + this.#low;
    if (this.#high !== 0 || end > this.#end) {
      throw new DecodeError("A length goes beyond the end", start);
    }
    return end;
  }

  #varint(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new DecodeError("A number goes beyond the end", start);
      const byte = bytes[this.#at++]!;
      if (shift < 32) low |= (byte & 0x7f) << shift;
      if (shift === 28) high = (byte & 0x7f) >> 4;
      else if (shift > 28) high |= (byte & 0x7f) << shift - 32;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new DecodeError("A number has more than ten bytes", start);
  }

  #int64(): number {
    const start = this.#at;
    this.#varint();
    const value = (this.#high | 0) * 0x1_0000_0000 + this.#low;
    if (!Number.isSafeInteger(value)) throw new DecodeError("A number is beyond 2^53", start);
    return value;
  }

  #skip(type: number, start: number): void {
    if (type === 0) return this.#varint();
    const end = type === 2
      ? this.#length()
      : type === 1
      ? this.#at + 8
      : type === 5
      ? this.#at + 4
      : -1;
    // Groups (3 and 4) were out of use before the protocol began.
    if (end < 0) throw new DecodeError(`A field of the unknown kind ${type}`, start);
    if (end > this.#end) throw new DecodeError("A field goes beyond the end", start);
    this.#at = end;
  }
}

function wireType(field: Field): number {
  return field.kind === "string" || field.kind === "message" || field.kind === "bytes" ? 2 : 0;
}
