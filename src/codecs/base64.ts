/**
 * Any binary codec as text, for transports that carry text alone.
 *
 * @module
 */
export { base64, fromBase64, toBase64 } from "./base64_codec.ts";
export { protobufText } from "./protobuf.ts";
