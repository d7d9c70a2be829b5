/**
 * Whether an HTTP request shows an app's key.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { App } from "../apps.ts";

const hash = (algorithm: "md5" | "sha256", text: string): Uint8Array =>
  createHash(algorithm).update(text).digest();

/** Compares in a time that tells nothing, not even a length. */
function same(given: string, secret: string): boolean {
  return timingSafeEqual(hash("sha256", given), hash("sha256", secret));
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Whether `X-LC-Key`, or `X-LC-Sign` (`md5(timestamp + key),timestamp`), is right for this app.
 * With `,master` behind it, it is the master key that counts.
 */
export function showsKey(app: App, headers: Headers): boolean {
  const [key = "", keyKind] = (headers.get("x-lc-key") ?? "").split(",");
  const [sign = "", timestamp = "", signKind] = (headers.get("x-lc-sign") ?? "").split(",");
  const expected = (kind: string | undefined) => kind === "master" ? app.masterKey : app.key;
  const forKey = expected(keyKind);
  if (key !== "") return forKey !== undefined && same(key, forKey);
  const forSign = expected(signKind);
  if (sign === "" || forSign === undefined) return false;
  return same(sign, hex(hash("md5", timestamp + forSign)));
}
