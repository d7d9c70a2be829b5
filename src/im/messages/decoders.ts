/**
 * What plugins make of messages' contents between the wire and the classes of messages: encryption,
 * compression, another format.
 *
 * @module
 */
import { each } from "./hooks.ts";

/** What a message is on the wire: text or bytes. */
export type MessageContent = string | ArrayBuffer;

/** The message whose content it is. */
export interface DecoderContext {
  /** The conversation's id. */
  readonly cid: string;
  /** The client that sent it. */
  readonly from: string;
}

/** A content in another form, at once or later; `undefined` where that is for another decoder. */
export type DecoderResult = MessageContent | undefined | Promise<MessageContent | undefined>;

/**
 * Turns what arrives into what the classes of messages read, and what they write into what goes out.
 * The first of all plugins' decoders that gives a content is the one that is used, each way.
 *
 * What the server shows by itself is not encoded: `pushData`, mentions, who sent it and when.
 */
export interface MessageDecoder {
  /**
   * Decodes what arrives: pushes, the history and newest messages. `undefined` says that the content
   * is none of its own. What comes later waits for it, so that the order stays, and there is no limit
   * to that: one that may wait for long (for a key, say) has to set one itself, and reject then.
   *
   * Where it throws or rejects, that is logged, and the app gets the content as it came, as a client
   * without the plugin would: nothing is lost.
   */
  readonly decode: (content: MessageContent, context: DecoderContext) => DecoderResult;
  /**
   * Encodes what is sent; `undefined` leaves it as it is. Where it throws or rejects, nothing is sent
   * and `send` rejects with `MESSAGE_DECODER_FAILED`, which names the plugin.
   */
  readonly encode?: (content: MessageContent, context: DecoderContext) => DecoderResult;
}

/** What a plugin may do with contents. */
export interface DecoderHooks {
  /** For logs and errors. */
  readonly name?: string;
  /** What decodes messages' contents, and encodes them. */
  readonly messageDecoders?: readonly MessageDecoder[];
}

/** The content once it went through the first decoder that takes it; as it is where none does. */
export async function through(
  plugins: readonly DecoderHooks[],
  way: keyof MessageDecoder,
  content: MessageContent,
  context: DecoderContext,
): Promise<MessageContent> {
  let result = content;
  await each(
    plugins,
    "messageDecoders",
    async (decoder: MessageDecoder) => {
      const other = await decoder[way]?.(content, context);
      result = other ?? content;
      return other === undefined;
    },
    undefined,
    "MESSAGE_DECODER_FAILED",
    `${way} a message`,
  );
  return result;
}
