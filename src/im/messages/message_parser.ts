/**
 * Finds the class that a received message is an instance of.
 *
 * @module
 */
import { consoleLog, type Log } from "../../environment/log.ts";
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
  /**
   * Reads it. Where it fails, which is logged, or gives nothing, the next class gets the content; the last
   * one is {@link Message}, which takes anything. What comes later waits for it.
   */
  parse(content: unknown, message?: Message): AVMessage | Promise<AVMessage>;
  /** For the log. */
  readonly name?: string;
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
  /**
   * Changes a content before a class is found for it: JSON, text or bytes, and gives the same kind;
   * where it gives nothing, the content stays as it is.
   */
  readonly beforeMessageParse?: Hook<MessageHook<unknown, unknown>>;
  /** Changes a message that a class made, or gives another one. */
  readonly afterMessageParse?: Hook<
    MessageHook<Message, AVMessage | void | Promise<AVMessage | void>>
  >;
}

/** What makes something of an `In`; it may say that it takes some of these only, as it knows best. */
export type MessageHook<In, Out> = { bivariant(what: In): Out }["bivariant"];

/** Finds the class that a received message is an instance of: the one registered last wins. */
export class MessageParser {
  readonly #classes: MessageConstructor[] = [];
  readonly #plugins: readonly MessageHooks[];
  /**
   * Where failures of classes and plugins are told.
   *
   * @internal
   */
  log: Log = consoleLog;

  /** A parser that knows the built-in classes and those of the plugins. */
  constructor(...plugins: readonly MessageHooks[]) {
    this.#plugins = plugins;
    this.register([Message, BinaryMessage, RecalledMessage, TextMessage]);
    for (const { messageClasses = [] } of plugins) this.register(messageClasses);
  }

  /** Registers message classes; throws a `TypeError` for what is none. */
  register(classes: MessageConstructor | readonly MessageConstructor[]): void {
    for (const Class of [classes].flat() as Partial<MessageConstructor>[]) {
      if (!(Class?.parse && Class.validate && Class.prototype?.getPayload)) {
        throw new TypeError(
          "A message class needs static methods validate and parse, and a method getPayload",
        );
      }
      this.#classes.unshift(Class as MessageConstructor);
    }
  }

  /**
   * The message that a received content is: text is read as JSON where it is JSON. A class that fails to
   * read what it said it can read leaves it to the next one, and so does a class that gives nothing.
   */
  async parse<T extends AVMessage = Message>(source: unknown): Promise<T> {
    let value = source;
    try {
      if (typeof source === "string") value = JSON.parse(source);
    } catch {
      // A text.
    }
    const change = async (hook: (value: never) => unknown) => {
      value = await hook(value as never) ?? value;
    };
    await each(this.#plugins, "beforeMessageParse", change, this.log);
    const content = value;
    for (const Class of this.#classes) {
      try {
        // Message, which is the last one, takes anything.
        if (Class.validate(content) && (value = await Class.parse(content))) break;
      } catch (error) {
        this.log.error(`Message class ${Class.name} could not read a message`, { error });
      }
    }
    await each(this.#plugins, "afterMessageParse", change, this.log);
    return value as T;
  }
}
