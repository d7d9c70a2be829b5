/**
 * What LeanCloud's declarations call the events' payloads. Nothing here uses them.
 *
 * @module
 */
import type { IMClientEvents } from "./client_events.ts";
import type { ConversationEvents, SharedEvents } from "./conversations/conversation_events.ts";
import type { RealtimeEvents } from "./events.ts";

/** The first argument of each event, by the events' names. */
export type Payloads<Events extends { [Name in keyof Events]: unknown[] }> = {
  [Name in keyof Events]: Events[Name] extends [infer Payload, ...unknown[]] ? Payload : void;
};

/** What the connection's events carry, by their names; their arguments are {@link RealtimeEvents}. */
export type ConnectionEvent = Payloads<RealtimeEvents>;

/** What a client and its conversations both tell; the arguments are {@link SharedEvents}. */
export type SharedEvent = Payloads<SharedEvents>;

/** What the events of a client carry; their arguments are {@link IMClientEvents}. */
export type ClientEvent = Payloads<IMClientEvents>;

/** What the events of a conversation carry; their arguments are {@link ConversationEvents}. */
export type ConversationEvent = Payloads<ConversationEvents>;
