/**
 * Signatures that an app's own server makes for its clients: HMAC-SHA1 with the master key over
 * what is to be done, a time and a nonce.
 *
 * @module
 */
import { type ErrorName, protocolError } from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import type { Caller, Context } from "./context.ts";
import { toBase64Url } from "./base64_url.ts";

/** What a client sends of a signature. */
export interface Signature {
  /** 40 hex digits, in either case. */
  readonly s?: string | undefined;
  /** When it was made: ms since the epoch; some apps send seconds. */
  readonly t?: number | undefined;
  /** A string that no other signature has. */
  readonly n?: string | undefined;
}

/** How long a signature is good, in ms, before and after its time: clocks differ. */
const VALID = 6 * 3_600_000;
/** Below this a timestamp is in seconds: in ms it would be in the year 1973. */
const SECONDS = 1e11;
/** How long a nonce may be. */
const NONCE = 256;

/** What was signed, and by what else of it a nonce is known again. */
export interface Signed {
  /** The texts that may have been signed: clients differ in what they call the same. */
  readonly texts: readonly string[];
  /** What no nonce may look like, since a text would mean two things then. */
  readonly ambiguous: RegExp;
  /** Who may use the nonce again, and for what: clients repeat what was not answered. */
  readonly holder: string;
  /** When whose login it is was last forced to log out, in ms: it must have been made after that. */
  readonly kickedAt?: number | undefined;
}

const utf8 = new TextEncoder();

const inMs = (t: number): number => t < SECONDS ? t * 1000 : t;

async function isRight(masterKey: string, s: string, texts: readonly string[]): Promise<boolean> {
  if (!/^[0-9a-f]{40}$/i.test(s)) return false;
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const secret = utf8.encode(masterKey);
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["verify"]);
  const signature = Uint8Array.from(s.match(/../g)!, (pair) => parseInt(pair, 16));
  // `verify` compares in constant time.
  const verified = await Promise.all(
    texts.map((text) => crypto.subtle.verify("HMAC", key, signature, utf8.encode(text))),
  );
  return verified.includes(true);
}

/**
 * Whether a signature is the right one, neither too old nor from the future, and its nonce nobody
 * else's. A refusal of one that a forced logout made void.
 */
async function isSigned(
  { id, masterKey }: App,
  { s = "", t, n }: Signature,
  signed: (t: number, n: string) => Signed,
  { store, clock }: Pick<Context, "store" | "clock">,
): Promise<boolean> {
  if (!masterKey || t === undefined || n === undefined || n.length > NONCE) return false;
  const { texts, ambiguous, holder, kickedAt } = signed(t, n);
  const at = inMs(t);
  if (ambiguous.test(n) || Math.abs(clock.now() - at) > VALID) return false;
  if (!await isRight(masterKey, s, texts)) return false;
  // Not before, since who can't sign would learn from it when that was.
  if (kickedAt !== undefined && at <= kickedAt) {
    throw protocolError(
      "SIGNATURE_FAILED",
      "The signature of the login was made before the client was forced to log out",
    );
  }
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(holder));
  return await store.claimNonce(id, n, toBase64Url(new Uint8Array(digest)), at + VALID);
}

/**
 * A refusal unless a login is signed, `appId:clientId::timestamp:nonce`, after the client was last
 * forced to log out.
 */
export async function mustBeSignedIn(
  app: App,
  { client, device, kickedAt }: {
    readonly client: string;
    readonly device: string | undefined;
    readonly kickedAt: number | undefined;
  },
  signature: Signature,
  context: Pick<Context, "store" | "clock">,
): Promise<void> {
  const signed = await isSigned(app, signature, (t, n) => ({
    texts: [`${app.id}:${client}::${t}:${n}`],
    // Were such a nonce let in, the signature for a client `tom::1:x` at 2 with the nonce `y` would
    // be one for `tom` at 1 with the nonce `x::2:y` as well.
    ambiguous: /::\d+:/,
    // One that was used before a forced logout was made before it, whatever time it says.
    holder: JSON.stringify([
      "login",
      client,
      device,
      ...(kickedAt === undefined ? [] : [kickedAt]),
    ]),
    kickedAt,
  }), context);
  if (signed) return;
  throw protocolError(
    "SIGNATURE_FAILED",
    "The signature of the login is missing, wrong, too old or used already",
  );
}

/** What is signed beside a login: a switch of the app, and the refusal where it is not. */
const switches = {
  conversations: "CONVERSATION_SIGNATURE_FAILED",
  blacklist: "BLACKLIST_SIGNATURE_FAILED",
} as const satisfies { readonly [name: string]: ErrorName };

/**
 * A refusal unless an operation is signed, where the app wants that:
 * `appId:clientId[:conversationId]:members:timestamp:nonce[:action]`, the members in order. LeanCloud's
 * SDKs have two names for some actions.
 */
export async function mustBeSigned(
  which: keyof typeof switches,
  { app, client, claims }: Caller,
  signature: Signature,
  { cid, clients, actions }: {
    readonly cid?: string;
    readonly clients: readonly string[];
    readonly actions: readonly string[];
  },
  context: Pick<Context, "store" | "clock">,
): Promise<void> {
  if (app[which] !== "signed") return;
  const what = [app.id, client, ...(cid === undefined ? [] : [cid]), ...[...clients].sort()];
  // Without members there is still a place for them.
  if (clients.length === 0) what.push("");
  const signed = await isSigned(app, signature, (t, n) => {
    const text = [...what, t, n].join(":");
    return {
      texts: actions.length ? actions.map((action) => `${text}:${action}`) : [text],
      ambiguous: /:/,
      holder: JSON.stringify([actions, what, claims.device]),
    };
  }, context);
  if (signed) return;
  throw protocolError(switches[which], "The signature is missing, wrong, too old or used already");
}
