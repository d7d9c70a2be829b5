/**
 * Protobuf for who speaks IM alone, by the tables of `protocol/im_fields.ts`: what a client uses that
 * names no codec. Fields that only others speak are skipped, as those are that nobody knows yet.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import { imEnums as enums, imMessages as messages } from "../protocol/im_fields.ts";
import { planOf } from "./plan.ts";
import { createProtobuf } from "./protobuf_codec.ts";

/** The part of `protobuf` that IM clients speak. */
export const imProtobuf: Codec<Uint8Array> = createProtobuf(
  planOf("GenericCommand", { enums, messages }),
);
