/**
 * Signatures: what an app's factories answer with, checked.
 *
 * @module
 */
import { RealtimeError } from "../protocol/mod.ts";
import { abortable } from "./abortable.ts";
import type { WireSignature } from "./conversations/host.ts";
import type { CallOptions } from "./call_options.ts";

/** A signature that an app's own server made with the master key. */
export interface SignatureResult {
  /** The signature. */
  readonly signature: string;
  /** Its time, in ms since the epoch. */
  readonly timestamp: number;
  /** Its nonce. */
  readonly nonce: string;
}

/** What a signature factory returns. */
export type SignatureFactoryResult = SignatureResult | Promise<SignatureResult>;

/**
 * Signs an operation on a conversation; there is no id of one that is about to be created. A factory
 * may leave that out of its types (`conversationId: string`).
 */
export type ConversationSignatureFactory = {
  bivariant(
    conversationId: string | null,
    clientId: string,
    targetIds: string[],
    action: string,
  ): SignatureFactoryResult;
}["bivariant"];

/** How a client signs what it does. */
export interface ClientSignatures {
  /** Signs creating a conversation, inviting and kicking. */
  readonly conversationSignatureFactory?: ConversationSignatureFactory | undefined;
  /** Signs blocking and unblocking. */
  readonly blacklistSignatureFactory?: ConversationSignatureFactory | undefined;
}

/** Calls a factory and checks its answer; without a factory there is no signature. */
export async function sign(
  factory: (() => SignatureFactoryResult) | undefined,
  options?: CallOptions,
): Promise<WireSignature | undefined> {
  return factory && await abortable(signatureOf(factory), options);
}

async function signatureOf(factory: () => SignatureFactoryResult): Promise<WireSignature> {
  let result: SignatureResult;
  try {
    result = await factory();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new RealtimeError("SIGN_ERROR", `The signature factory failed: ${why}`, { cause });
  }
  const { signature: s, timestamp: t, nonce: n } = result ?? {};
  if (typeof s !== "string" || typeof t !== "number" || typeof n !== "string") {
    throw new RealtimeError(
      "SIGN_ERROR",
      "Malformed signature: a factory must give { signature: string, timestamp: number, nonce: string }",
    );
  }
  return { s, t, n };
}
