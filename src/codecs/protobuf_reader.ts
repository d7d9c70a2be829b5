/**
 * Bytes to commands.
 *
 * @module
 */
import type { Utf8 } from "../environment/environment.ts";
import { DecodeError } from "../protocol/errors.ts";
import type { Field, Plan, Values } from "./plan.ts";

/** Reads one frame. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #utf8: Utf8;
  #at = 0;
  /** Where the message that is being read ends. */
  #end: number;
  /** The upper half of the number that `#varint` read last. */
  #high = 0;

  /** A reader of these bytes, of which it keeps nothing. */
  constructor(bytes: Uint8Array, utf8: Utf8) {
    this.#bytes = bytes;
    this.#utf8 = utf8;
    this.#end = bytes.length;
  }

  /** Reads all that is left into a message, which may have fields already. */
  message(plan: Plan, message: Values): Values {
    while (this.#at < this.#end) {
      const start = this.#at;
      const tag = this.#short();
      const field = plan.byNumber[tag >>> 3];
      if (field !== undefined && tag === field.tag) this.#field(field, message);
      else if (tag > 7) this.#skip(tag, start);
      else throw new DecodeError("A field has the number 0", start);
    }
    for (const name of plan.required) {
      if (message[name] === undefined) throw new DecodeError(`${name} is missing`, this.#at);
    }
    return message;
  }

  #field(field: Field, message: Values): void {
    let value: unknown;
    switch (field.kind) {
      case "string": {
        const end = this.#length();
        value = this.#utf8.decode(this.#bytes, this.#at, end);
        this.#at = end;
        break;
      }
      case "int64":
        value = this.#int64();
        break;
      case "bool":
        value = (this.#varint() | this.#high) !== 0;
        break;
      case "int32":
        value = this.#varint() | 0;
        break;
      case "enum":
        value = field.names[this.#varint() | 0];
        // A number that has no name here is newer than this table.
        if (value === undefined) return;
        break;
      case "bytes": {
        const end = this.#length();
        // Not `slice`: that of Node's Buffer does not copy.
        value = new Uint8Array(this.#bytes.subarray(this.#at, end));
        this.#at = end;
        break;
      }
      case "message": {
        const end = this.#end;
        this.#end = this.#length();
        // One that occurs twice is one message: the second one's fields are added to the first's.
        const known = field.repeated ? undefined : message[field.name] as Values | undefined;
        value = this.message(field.plan!, known ?? {});
        this.#end = end;
      }
    }
    if (!field.repeated) field.set(message, value);
    else if (message[field.name] === undefined) message[field.name] = [value];
    else (message[field.name] as unknown[]).push(value);
  }

  /** Where what begins here with its length ends. */
  #length(): number {
    const start = this.#at;
    const end = this.#short() + this.#at;
    if (end > this.#end) throw new DecodeError("A field goes beyond the end", start);
    return end;
  }

  /** A number of 32 bits, which is one byte as a rule. */
  #short(): number {
    const at = this.#at;
    const byte = this.#bytes[at]!;
    if (byte < 0x80 && at < this.#end) {
      this.#at = at + 1;
      return byte;
    }
    const value = this.#varint();
    if (this.#high !== 0) throw new DecodeError("A number is too large", at);
    return value;
  }

  /** The lower half of a number of 64 bits. */
  #varint(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    // Beyond the last byte there is `undefined`, which ends the loop: one check after it will do.
    let byte = bytes[at++]!;
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 63) throw new DecodeError("A number is too large", start);
      byte = bytes[at++]!;
      if (shift < 28) {
        low |= (byte & 0x7f) << shift;
      } else if (shift > 28) {
        high |= (byte & 0x7f) << shift - 32;
      } else {
        low |= byte << 28;
        high = (byte & 0x7f) >> 4;
      }
    }
    if (at > this.#end) throw new DecodeError("A field goes beyond the end", start);
    this.#at = at;
    this.#high = high;
    return low >>> 0;
  }

  #int64(): number {
    const start = this.#at;
    const low = this.#varint();
    const value = this.#high * 0x1_0000_0000 + low;
    if (!Number.isSafeInteger(value)) throw new DecodeError("A number is too large", start);
    return value;
  }

  /** Passes over a field that the table does not have, or not in this form. */
  #skip(tag: number, start: number): void {
    let end = this.#at;
    switch (tag & 7) {
      case 0:
        return void this.#varint();
      case 1:
        end += 8;
        break;
      case 2:
        end = this.#length();
        break;
      case 5:
        end += 4;
        break;
      default:
        // 3 and 4 are groups, which were out of use before the protocol began.
        throw new DecodeError("A field has an unknown wire type", start);
    }
    if (end > this.#end) throw new DecodeError("A field goes beyond the end", this.#at);
    this.#at = end;
  }
}
