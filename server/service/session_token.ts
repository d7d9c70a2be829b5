/**
 * Session tokens: what a client shows to be let in again. A token says by itself whom it is for and
 * what a re-open omits, so that nothing is written at a login and a token outlives a restart. It is
 * signed with HMAC-SHA256 under a key that the database keeps.
 *
 * @module
 */
import { fromBase64Url, toBase64Url } from "./base64_url.ts";

/** What a token remembers of its session. */
export interface SessionClaims {
  /** The app's id. */
  readonly app: string;
  /** The client's id. */
  readonly client: string;
  /** The tag, where the login had one. */
  readonly tag?: string;
  /** The device, where the login named one. */
  readonly device?: string;
  /** Whether a signature was checked at the login. */
  readonly signed: boolean;
  /** The last forced logout before the login, in ms; absent where there was none. */
  readonly kickedAt?: number;
  /** When the token was made by which the client came back, in ms; absent where it has none yet. */
  readonly issuedAt?: number;
}

/** How long a token lasts, in s. */
export const TOKEN_TTL = 172_800;

/** Makes tokens, and reads them again. */
export interface SessionTokens {
  /** A token that lasts `TOKEN_TTL` from now. */
  readonly issue: (claims: SessionClaims) => Promise<string>;
  /** What a token says; `undefined` for one that has expired, or that this key did not sign. */
  readonly read: (token: string) => Promise<SessionClaims | undefined>;
}

const utf8 = new TextEncoder();

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64Url(secret);
  if (!bytes) throw new Error("The key of the session tokens is no base64url");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

/** Tokens under a key: base64url of 32 secret bytes. */
export function sessionTokens(secret: Promise<string>, now: () => number): SessionTokens {
  const key = secret.then(importKey);
  key.catch(() => {}); // Each login fails with it; nobody else waits for it.
  return {
    issue: async (claims) => {
      const expires = now() + TOKEN_TTL * 1000;
      const kept = { ...claims, issuedAt: undefined, expires };
      const body = toBase64Url(utf8.encode(JSON.stringify(kept)));
      const signature = await crypto.subtle.sign("HMAC", await key, utf8.encode(body));
      return `${body}.${toBase64Url(new Uint8Array(signature))}`;
    },
    read: async (token) => {
      const [body = "", signature = "", ...rest] = token.split(".");
      const signed = fromBase64Url(signature);
      const text = fromBase64Url(body);
      if (!signed || !text || rest.length > 0) return undefined;
      // `verify` compares in constant time.
      if (!await crypto.subtle.verify("HMAC", await key, signed, utf8.encode(body))) {
        return undefined;
      }
      const { expires, ...claims } = JSON.parse(new TextDecoder().decode(text));
      return expires > now() ? { ...claims, issuedAt: expires - TOKEN_TTL * 1000 } : undefined;
    },
  };
}
