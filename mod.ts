/**
 * Realtime messaging with the API of LeanCloud's `Realtime` class: change the import, and carry on.
 *
 * @example
 * ```ts
 * import { Realtime, TextMessage } from "@curlew/realtime";
 *
 * const realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server: "http://127.0.0.1:8450" });
 * const tom = await realtime.createIMClient("Tom");
 * const conversation = await tom.createConversation({ members: ["Jerry"], name: "Tom & Jerry" });
 * await conversation.send(new TextMessage("Hello"));
 * ```
 *
 * @module
 */
export { type Plugin, Realtime, type RealtimeOptions } from "./src/realtime.ts";
export type { IMClientOptions, User, User as AVUser } from "./src/realtime.ts";
export type {
  BackoffOptions,
  ConnectOptions,
  HeartbeatOptions,
  ServerAddresses,
} from "./src/options.ts";
export { IMClient } from "./src/im/client.ts";
export type { ClientHooks } from "./src/im/client.ts";
export type {
  ConversationOptions,
  CreateConversationOptions,
  TemporaryConversationOptions,
} from "./src/im/conversations/create_options.ts";
export type { IMClientEvents, WithConversation } from "./src/im/client_events.ts";
export { Event, type RealtimeEvents } from "./src/im/events.ts";
export type {
  ClientEvent,
  ConnectionEvent,
  ConversationEvent,
  Payloads,
  SharedEvent,
} from "./src/im/leancloud_types.ts";
export { EventEmitter, type Listener } from "./src/connection/event_emitter.ts";
export { ConversationQuery } from "./src/im/query.ts";
export type {
  ClientSignatures,
  ConversationSignatureFactory,
  SignatureFactoryResult,
  SignatureResult,
} from "./src/im/signature.ts";
export { ConversationBase } from "./src/im/conversations/conversation_base.ts";
export type {
  ConversationEvents,
  MessagePointer,
  PatchReason,
  SharedEvents,
} from "./src/im/conversations/conversation_events.ts";
export {
  PersistentConversation,
  type PersistentConversation as PresistentConversation,
} from "./src/im/conversations/persistent_conversation.ts";
export type { AnyConversation } from "./src/im/conversations/any_conversation.ts";
export type { Hook, Verdict } from "./src/im/messages/hooks.ts";
export type { CallOptions } from "./src/im/call_options.ts";
export type { ConversationHooks } from "./src/im/conversations/conversations.ts";
export type { OperationFailureError, PartiallySuccess } from "./src/im/conversations/members.ts";
export type {
  AttributeAt,
  AttributePath,
  Attributes,
  NameIn,
} from "./src/im/conversations/attributes.ts";
export type { Unstated } from "./src/im/unstated.ts";
export type {
  PagedQueryParams,
  PagedResults,
} from "./src/im/conversations/persistent_conversation.ts";
export { Conversation } from "./src/im/conversations/conversation.ts";
export * from "./src/im/conversations/conversation_properties.ts";
export { defineConversationProperty } from "./src/im/conversations/define_conversation_property.ts";
export { ChatRoom } from "./src/im/conversations/chat_room.ts";
export { ServiceConversation } from "./src/im/conversations/service_conversation.ts";
export { TemporaryConversation } from "./src/im/conversations/temporary_conversation.ts";
export { ConversationMemberInfo } from "./src/im/conversations/conversation_member_info.ts";
export { ConversationMemberRole } from "./src/im/conversations/conversation_member_role.ts";
export { MessageQueryDirection, MessagesIterator } from "./src/im/conversations/history.ts";
export type {
  HistoryOptions,
  MessagesPage,
  MessagesQuery,
  Time,
} from "./src/im/conversations/history.ts";
export { Message, MessagePriority, MessageStatus } from "./src/im/messages/message.ts";
export type { Payload, SendOptions } from "./src/im/messages/message.ts";
export { BinaryMessage } from "./src/im/messages/binary_message.ts";
export { TypedMessage } from "./src/im/messages/typed_message.ts";
export { TextMessage } from "./src/im/messages/text_message.ts";
export { RecalledMessage } from "./src/im/messages/recalled_message.ts";
export { MessageParser } from "./src/im/messages/message_parser.ts";
export type {
  DecoderContext,
  DecoderHooks,
  DecoderResult,
  MessageContent,
  MessageDecoder,
} from "./src/im/messages/decoders.ts";
export type {
  AVMessage,
  MessageConstructor,
  MessageHook,
  MessageHooks,
} from "./src/im/messages/message_parser.ts";
export {
  messageField,
  messageType,
  type TypedMessageDecorator,
} from "./src/im/messages/registration.ts";
export {
  checkedMessage,
  type CheckedMessageClass,
  type FieldsOf,
  type MessageShape,
  type ReservedField,
} from "./src/im/messages/checked_message.ts";
export type { OutputOf, SchemaResult, StandardSchema } from "./src/im/messages/standard_schema.ts";
export { IE10Compatible } from "./src/im/messages/es5_classes.ts";
export { DecodeError, ErrorCode, RealtimeError, TransportError } from "./src/protocol/mod.ts";
export type {
  Accept,
  AnyTransport,
  Cancel,
  Closed,
  Codec,
  Command,
  CommandType,
  Dial,
  EnumName,
  enums,
  ErrorDetails,
  ErrorName,
  FieldName,
  FieldRule,
  FieldsIn,
  FieldType,
  FieldValue,
  Frame,
  imEnums,
  imMessages,
  Joined,
  Link,
  MessageIn,
  MessageName,
  MessageOf,
  messages,
  OpType,
  otherEnums,
  otherMessages,
  ProtocolVersion,
  Receiver,
  Scalars,
  ScalarType,
  Transport,
  TransportFailure,
  ValueOf,
} from "./src/protocol/mod.ts";
export type {
  Clock,
  Environment,
  Fetch,
  FetchAnswer,
  FetchInit,
  Log,
  LogFields,
  Timer,
  Watch,
  WebSocketConstructor,
  WebSocketLike,
} from "./src/environment/mod.ts";
