/** What an app adds to conversations. @module */

/**
 * The properties that an app gives to conversations by `defineConversationProperty`: it adds them to
 * this interface, by `declare module "@curlew/realtime" { interface ConversationProperties { … } }`.
 */
// deno-lint-ignore no-empty-interface -- apps fill it
export interface ConversationProperties {}
