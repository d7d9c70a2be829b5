/**
 * Messages with a type, a text and attributes: the base of what apps define.
 *
 * @module
 */
import type { Unstated } from "../unstated.ts";
import { pick } from "../pick.ts";
import { brand } from "./brand.ts";
import { Message, type Payload } from "./message.ts";

type Json = Record<string, unknown>;

/** A message with a type, a text and attributes; extend it and give it a type with `messageType`. */
export class TypedMessage extends Message {
  /** The number of the type, as on the wire (`_lctype`). An app's own types are positive. */
  static TYPE?: number;
  /** The fields that `messageField` named, as on the wire. */
  static FIELDS: readonly string[] = [];
  /** The text (`_lctext`); missing where the message has none. */
  declare text: string;
  /** What an app adds (`_lcattrs`); missing where it adds nothing. */
  declare attributes: Record<string, Unstated>;

  /** The number of the type. */
  get type(): number {
    return (this.constructor as typeof TypedMessage).TYPE!;
  }

  /** A line that stands for the message in a list. */
  get summary(): string {
    return this.text;
  }

  /** The text. */
  getText(): string {
    return this.text;
  }

  /** Sets the text. */
  setText(text: string): this {
    this.text = text;
    return this;
  }

  /** What an app added. */
  getAttributes(): Record<string, Unstated> {
    return this.attributes;
  }

  /** Sets what an app adds. */
  setAttributes(attributes: object): this {
    this.attributes = attributes;
    return this;
  }

  /** Whether the content is JSON of this class's type. */
  static override validate(content: unknown): boolean {
    return this.TYPE !== undefined && (content as Json | null)?._lctype === this.TYPE;
  }

  /** Reads received JSON. */
  static override parse(content: unknown, message: Message = new this()): Message {
    const json = content as Json;
    const typed = super.parse(json, message) as TypedMessage;
    typed.text = json._lctext as string;
    typed.attributes = json._lcattrs as Json;
    for (const field of this.FIELDS) {
      if (field in json) (typed as unknown as Json)[field] = json[field];
    }
    return typed;
  }

  /** What goes out on the wire. */
  override getPayload(): Payload {
    if (this.type === undefined) {
      throw new TypeError("A TypedMessage needs a type: give its class one with messageType");
    }
    const payload: Json = {};
    for (const field of (this.constructor as typeof TypedMessage).FIELDS) {
      payload[field] = (this as unknown as Json)[field];
    }
    return { ...payload, _lctext: this.text, _lcattrs: this.attributes, _lctype: this.type };
  }

  /** The part of `toJSON` that says what the message says. */
  protected override describe(): Record<string, unknown> {
    return pick(this, "type,text,attributes,summary");
  }
}

brand(TypedMessage, "TypedMessage");
