/** Lists of members, how they change, and how that went. @module */
import { type MessageOf, RealtimeError } from "../../protocol/mod.ts";

/** Why an operation failed for some clients. */
export interface OperationFailureError extends Error {
  /** The clients that it failed for. */
  readonly clientIds: string[];
  /** The protocol's number of the error. */
  readonly code?: number | undefined;
  /** What the server adds for people. */
  readonly detail?: string | undefined;
}

/** How an operation on several clients went. */
export interface PartiallySuccess {
  /** The clients that it worked for. */
  readonly successfulClientIds: string[];
  /** Why it failed for the others. */
  readonly failures: OperationFailureError[];
}

/** Throws a `TypeError` that names what is no array of ids. */
export function checkIds(what: string, ids: unknown): asserts ids is readonly string[] {
  if (!Array.isArray(ids) || ids.some((id) => typeof id !== "string")) {
    throw new TypeError(`${what} must be an array of ids`);
  }
}

/** The members once these have joined. */
export function joined(members: readonly string[], newcomers: readonly string[]): string[] {
  return [...new Set([...members, ...newcomers])];
}

/** The members once these have left. */
export function left(members: readonly string[], leavers: readonly string[]): string[] {
  return members.filter((id) => !leavers.includes(id));
}

/** How an operation went, by the server's reply. */
export function partial(
  { allowedPids, failedPids }: Pick<MessageOf<"ConvCommand">, "allowedPids" | "failedPids">,
): PartiallySuccess {
  return {
    successfulClientIds: [...allowedPids ?? []],
    failures: (failedPids ?? []).map(({ pids, ...error }) =>
      Object.assign(new RealtimeError(error.reason, error.detail ?? error.reason, error), {
        clientIds: [...pids ?? []],
      })
    ),
  };
}

/** The result of an operation on one client alone, which fails as a whole. */
export function sole<T>({ failures: [failure] }: PartiallySuccess, result: T): T {
  if (failure) throw failure;
  return result;
}
