/**
 * The signature of a login: HMAC-SHA1 with the app's master key over `appId:clientId::timestamp:nonce`.
 *
 * @module
 */

/** What a client sends of a signature. */
export interface LoginSignature {
  /** 40 hex digits, in either case. */
  readonly s?: string | undefined;
  /** When it was made: ms since the epoch; some apps send seconds. */
  readonly t?: number | undefined;
  /** Any string, but none that reads like the end of a client's id, a time and a nonce. */
  readonly n?: string | undefined;
}

/** How long a signature is good, in ms, before and after its time: clocks differ. */
const VALID = 6 * 3_600_000;
/** Below this a timestamp is in seconds: in ms it would be in the year 1973. */
const SECONDS = 1e11;

/**
 * Were such a nonce let in, the signature for a client `tom::1:x` at 2 with the nonce `y` would be
 * one for `tom` at 1 with the nonce `x::2:y` as well.
 */
const AMBIGUOUS = /::\d+:/;

const utf8 = new TextEncoder();

/** Whether a signature is the right one, and neither too old nor from the future. */
export async function isLoginSigned(
  app: { readonly id: string; readonly masterKey?: string },
  client: string,
  { s = "", t, n }: LoginSignature,
  now: number,
): Promise<boolean> {
  if (!app.masterKey || t === undefined || n === undefined) return false;
  if (!/^[0-9a-f]{40}$/i.test(s) || AMBIGUOUS.test(n)) return false;
  const at = t < SECONDS ? t * 1000 : t;
  if (Math.abs(now - at) > VALID) return false;
  const key = await crypto.subtle.importKey(
    "raw",
    utf8.encode(app.masterKey),
    { name: "HMAC", hash: "SHA-1" },
    false,
    ["verify"],
  );
  const signature = Uint8Array.from(s.match(/../g)!, (pair) => parseInt(pair, 16));
  // `verify` compares in constant time.
  return crypto.subtle.verify(
    "HMAC",
    key,
    signature,
    utf8.encode(`${app.id}:${client}::${t}:${n}`),
  );
}
