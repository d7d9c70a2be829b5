/** Events, for what is above the connection too. @module */
export { announce, type AnyEmitter, EventEmitter } from "../connection/event_emitter.ts";
