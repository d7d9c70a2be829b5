/** Lists of members, and how they change. @module */

/** The members once these have joined. */
export function joined(members: readonly string[], newcomers: readonly string[]): string[] {
  return [...new Set([...members, ...newcomers])];
}

/** The members once these have left. */
export function left(members: readonly string[], leavers: readonly string[]): string[] {
  return members.filter((id) => !leavers.includes(id));
}
