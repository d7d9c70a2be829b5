/** The ids of clients. @module */

const LONGEST = 64;

/** What a client's id must be, for people. */
export const CLIENT_ID_RULE = `A client id has 1 to ${LONGEST} characters, and no NUL among them`;

/** Whether a text can be a client's id. */
export function isClientId(text: string): boolean {
  return text !== "" && text.length <= LONGEST && !text.includes("\0");
}
