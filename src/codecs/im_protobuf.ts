/**
 * Protobuf for who speaks IM alone, by the tables of `protocol/im_fields.ts`: what a client uses that
 * names no codec. Fields that only others speak are skipped, as those are that nobody knows yet.
 *
 * @module
 */
import type { Utf8 } from "../environment/environment.ts";
import type { Codec } from "../protocol/codec.ts";
// Bundlers keep this order, which compresses best.
import { createProtobuf } from "./protobuf_codec.ts";
import { planOf } from "./plan.ts";
import { base64Frames } from "./base64_codec.ts";
import { imEnums as enums, imMessages as messages } from "../protocol/im_fields.ts";

/** The part of `protobuf` that IM clients speak. */
export function imProtobuf(utf8: Utf8): Codec<Uint8Array> {
  const bytes = createProtobuf(planOf("GenericCommand", { enums, messages }), utf8);
  return { ...bytes, text: base64Frames(bytes, "protobuf-text", "lc.proto2base64") };
}
