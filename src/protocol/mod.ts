/**
 * The command model, the two seams and the errors. It knows no bytes.
 *
 * @module
 */
export type {
  Command,
  CommandType,
  FieldNames,
  FieldType,
  FieldTypes,
  FieldValue,
  MessageOf,
  OpType,
  Scalars,
} from "./command.ts";
export {
  type EnumName,
  enums,
  type FieldRule,
  type MessageName,
  messages,
  rulesOf,
} from "./fields.ts";
export type { FieldNumbers, Joined, ScalarType } from "./fields.ts";
export type { imEnums, imMessages } from "./im_fields.ts";
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
