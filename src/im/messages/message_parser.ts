/**
 * Finds the class that a received message is an instance of.
 *
 * @module
 */
import { BinaryMessage } from "./binary_message.ts";
import type { DecoderHooks } from "./decoders.ts";
import { each, type Hook } from "./hooks.ts";
import { Message, type Payload } from "./message.ts";
import { RecalledMessage } from "./recalled_message.ts";
import { TextMessage } from "./text_message.ts";

/** What a class needs to be registered: `validate`, `parse`, and instances with `getPayload`. */
export interface MessageConstructor<T extends AVMessage = AVMessage> {
  /** Whether the class can read that content. */
  validate(content: unknown): boolean;
  /** Reads it. */
  parse(content: unknown): AVMessage | Promise<AVMessage>;
  /** Instances can say what goes out on the wire. */
  readonly prototype: T;
}

/** What can be sent. */
export interface AVMessage {
  /** What goes out on the wire. */
  getPayload(): Payload;
}

/** What a plugin may do with messages. */
export interface MessageHooks extends DecoderHooks {
  /** Message classes to register. */
  readonly messageClasses?: readonly MessageConstructor[];
  /** Changes a content before a class is found for it: JSON, text or bytes, and gives the same kind. */
  readonly beforeMessageParse?: Hook<(content: never) => unknown>;
  /** Changes a message that a class made, or gives another one. */
  readonly afterMessageParse?: Hook<(message: never) => AVMessage | Promise<AVMessage>>;
}

/** Finds the class that a received message is an instance of: the one registered last wins. */
export class MessageParser {
  readonly #classes: MessageConstructor[] = [];
  readonly #plugins: readonly MessageHooks[];

  /** A parser that knows the built-in classes and those of the plugins. */
  constructor(...plugins: readonly MessageHooks[]) {
    this.#plugins = plugins;
    this.register([Message, BinaryMessage, RecalledMessage, TextMessage]);
    for (const { messageClasses = [] } of plugins) this.register(messageClasses);
  }

  /** Registers message classes; throws a `TypeError` for what is none. */
  register(classes: MessageConstructor | readonly MessageConstructor[]): void {
    for (const Class of [classes].flat() as MessageConstructor[]) {
      if (
        typeof Class?.parse !== "function" || typeof Class.validate !== "function" ||
        typeof Class.prototype?.getPayload !== "function"
      ) {
        throw new TypeError(
          "A message class needs static methods validate and parse, and a method getPayload",
        );
      }
      this.#classes.unshift(Class);
    }
  }

  /** The message that a received content is: text is read as JSON where it is JSON. */
  async parse<T extends AVMessage = Message>(source: unknown): Promise<T> {
    let value = typeof source === "string" ? jsonOrText(source) : source;
    const change = async (hook: (value: never) => unknown) => {
      value = await hook(value as never);
    };
    await each(this.#plugins, "beforeMessageParse", change);
    value = await this.#classes.find((known) => known.validate(value))!.parse(value);
    await each(this.#plugins, "afterMessageParse", change);
    return value as T;
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
