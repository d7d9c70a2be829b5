/**
 * The command model, the two seams and the errors. It knows no bytes.
 *
 * @module
 */
export type {
  Command,
  CommandType,
  FieldValue,
  MessageIn,
  MessageOf,
  OpType,
  Scalars,
  ValueOf,
} from "./command.ts";
export {
  type EnumName,
  enums,
  type FieldRule,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "./fields.ts";
export type { Joined, ScalarType } from "./fields.ts";
export type { imEnums, imMessages } from "./im_fields.ts";
export type { FieldName, FieldsIn, FieldType } from "./notation.ts";
export type { otherEnums, otherMessages } from "./other_fields.ts";
export { ErrorCode, type ErrorName, protocolError } from "./error_codes.ts";
export {
  DecodeError,
  type ErrorDetails,
  RealtimeError,
  TransportError,
  type TransportFailure,
} from "./errors.ts";
export type {
  Accept,
  AnyTransport,
  Cancel,
  Closed,
  Dial,
  Frame,
  Link,
  Receiver,
  Transport,
} from "./transport.ts";
export type { Codec, ProtocolVersion } from "./codec.ts";
export {
  type Batch,
  contentType,
  frameRoom,
  readBatch,
  secretHeader,
  writeBatch,
} from "./long_poll.ts";
