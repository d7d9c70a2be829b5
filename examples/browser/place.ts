/**
 * Where the person is: their name and the conversation that is open. The address remembers both,
 * so that a reload comes back, the back button goes back, and two windows can be two people.
 *
 * @module
 */

/** A place in the page. */
export interface Place {
  /** Who the person is. */
  readonly name?: string | undefined;
  /** The conversation that is open. */
  readonly conversation?: string | undefined;
}

/** Where the address says that we are. */
export function here(): Place {
  const parts = new URLSearchParams(location.hash.slice(1));
  return {
    name: parts.get("name") || undefined,
    conversation: parts.get("conversation") || undefined,
  };
}

/** Goes elsewhere; the window's `hashchange` event follows. */
export function go(place: Place): void {
  const parts = Object.entries(place).filter((part): part is [string, string] => !!part[1]);
  location.hash = new URLSearchParams(parts).toString();
}
