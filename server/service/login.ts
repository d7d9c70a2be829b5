/**
 * Who may log in, as whom, and what a session begins with.
 *
 * @module
 */
import { type Command, ErrorCode, type MessageOf, protocolError } from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import { CLIENT_ID_RULE, isClientId } from "./client_id.ts";
import type { Caller, Context } from "./context.ts";
import { exchangeOf } from "../store/exchange.ts";
import { directOf, unreadTupleOf } from "./message_fields.ts";
import { patchPushes } from "./patches.ts";
import { isBefore } from "./kicks.ts";
import { mustBeSignedIn } from "./signatures.ts";
import { type SessionClaims, type SessionTokens, TOKEN_TTL } from "./session_token.ts";

/** How long a tag and a device's id may be: they come back in every token. */
const LABEL = 256;
/** How many stored messages are pushed at once under version 1: more follow when those arrived. */
const STORED_MESSAGES = 100;
/** How many changes of messages are told at a login, the last ones: more would not fit into a link. */
const PATCHES = 100;

/** Who was let in. */
export interface Login {
  /** What its token will remember. */
  readonly claims: SessionClaims;
  /** Whether it comes back by itself, and so must not end another device's session. */
  readonly again: boolean;
}

type Session = MessageOf<"SessionCommand">;

/** Lets a client in by its token, its signature, or its word, as the app has it. */
export async function logIn(
  app: App,
  peerId: string | undefined,
  session: Session,
  tokens: SessionTokens,
  context: Pick<Context, "store" | "clock" | "newId">,
): Promise<Login> {
  const again = session.r ?? false;
  if (session.st !== undefined) {
    const claims = await tokens.read(session.st);
    const own = claims?.app === app.id && claims.client === (peerId ?? claims.client);
    // A token that was had for the asking is worth nothing since logins must be signed.
    if (!claims || !own || app.login === "signed" && !claims.signed) {
      throw protocolError(
        "SESSION_TOKEN_EXPIRED",
        "The session token has expired, or is none of ours",
      );
    }
    if (isBefore(claims, await context.store.lastKick(app.id, claims.client))) {
      throw protocolError(
        "SESSION_TOKEN_EXPIRED",
        "The session token was made before the client was forced to log out",
      );
    }
    return { claims, again };
  }
  const client = peerId ?? context.newId();
  if (!isClientId(client)) throw protocolError("INVALID_LOGIN", CLIENT_ID_RULE);
  const { tag, deviceId, deviceToken } = session;
  const device = deviceId ?? deviceToken;
  if ([tag, device].some((label) => label !== undefined && label.length > LABEL)) {
    throw protocolError(
      "INVALID_LOGIN",
      `A tag and a device's id have ${LABEL} characters at most`,
    );
  }
  const kickedAt = await context.store.lastKick(app.id, client);
  const signed = app.login === "signed";
  if (signed) await mustBeSignedIn(app, { client, device, kickedAt }, session, context);
  return {
    again,
    claims: {
      app: app.id,
      client,
      signed,
      ...(tag && tag !== "default" ? { tag } : {}),
      ...(device === undefined ? {} : { device }),
      ...(kickedAt === undefined ? {} : { kickedAt }),
    },
  };
}

/** The reply to a login. */
export async function openedReply(
  claims: SessionClaims,
  tokens: SessionTokens,
  { clock }: Pick<Context, "clock">,
): Promise<Command> {
  const now = clock.now();
  return {
    cmd: "session",
    op: "opened",
    serverTs: now,
    sessionMessage: { st: await tokens.issue(claims), stTtl: TOKEN_TTL, lastPatchTime: now },
  };
}

/** What a client is told whose tag another device has. */
export const conflict: Command = {
  cmd: "session",
  op: "closed",
  sessionMessage: {
    code: ErrorCode.SESSION_CONFLICT,
    reason: "SESSION_CONFLICT",
    detail: "The client is logged in under the same tag on another device",
  },
};

/** What a session missed. */
export interface Missed {
  /** The pushes, in order, without `peerId`. */
  readonly pushes: readonly Command[];
  /** The place of the newest message of each conversation that they speak of. */
  readonly upTo: ReadonlyMap<string, number>;
  /** The messages that were pushed, where more are stored than that. */
  readonly pushed?: ReadonlySet<string>;
}

/** What a client missed while it was away, as its version wants to hear it. */
export async function missed(
  caller: Caller,
  { lastUnreadNotifTime, lastPatchTime }: Session,
  context: Pick<Context, "store" | "clock">,
): Promise<Missed> {
  const { store } = context;
  const { app, client, version } = caller;
  const [missed, changed] = await Promise.all([
    version === 1
      ? storedMessages(caller, new Set(), context)
      : unreadCounts(caller, lastUnreadNotifTime, context),
    lastPatchTime ? store.patches(app.id, client, lastPatchTime, PATCHES) : [],
  ]);
  return { ...missed, pushes: [...missed.pushes, ...patchPushes(changed)] };
}

/**
 * How many messages are unread where that changed since (ms), or where there are any. Who comes back
 * and never heard of any knows what there was when its token was made: what was read elsewhere after
 * that it is told, too.
 */
async function unreadCounts(
  { app, client, claims: { issuedAt } }: Caller,
  since: number | undefined,
  { store, clock }: Pick<Context, "store" | "clock">,
): Promise<Missed> {
  const notifTime = clock.now();
  const asked = since ? { sent: since, read: since } : { read: issuedAt };
  const convs = await store.unread(app.id, client, asked);
  return {
    upTo: new Map(convs.map(({ conversation: { id, seq } }) => [id, seq])),
    pushes: convs.length === 0 ? [] : [{
      cmd: "unread",
      service: 2,
      unreadMessage: { convs: convs.map(unreadTupleOf), notifTime },
    }],
  };
}

/** The next messages that no session of a client acknowledged, but for those pushed already. */
export async function storedMessages(
  { app, client }: Pick<Caller, "app" | "client">,
  pushed: ReadonlySet<string>,
  { store }: Pick<Context, "store">,
): Promise<Missed> {
  const { messages, more } = await store.undelivered(app.id, client, STORED_MESSAGES);
  const fresh = messages.filter(({ id }) => !pushed.has(id));
  const upTo = new Map<string, number>();
  const pushes: Command[] = [];
  for (const [index, message] of fresh.entries()) {
    upTo.set(message.conversation, message.seq);
    const id = message.conversation;
    const conversation = exchangeOf(id) ?? await store.conversation(app.id, id);
    const hasMore = more || index < fresh.length - 1;
    pushes.push(directOf(message, conversation?.kind ?? "normal", { offline: true, hasMore }));
  }
  return {
    pushes,
    upTo,
    ...(more ? { pushed: new Set([...pushed, ...fresh.map(({ id }) => id)]) } : {}),
  };
}
