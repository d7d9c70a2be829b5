/**
 * Whether an HTTP request shows an app's key.
 *
 * @module
 */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { App } from "../apps.ts";

/** Compares in a time that tells nothing of where they differ. */
function same(given: string, secret: string): boolean {
  let different = given.length ^ secret.length;
  for (let i = 0; i < given.length; i++) {
    different |= given.charCodeAt(i) ^ secret.charCodeAt(i % secret.length);
  }
  return different === 0;
}

/**
 * Whether `X-LC-Key`, or `X-LC-Sign` (`md5(timestamp + key),timestamp`), is right for this app.
 * With `,master` behind it, it is the master key that counts. MD5 proves little today: LeanCloud's
 * clients send it so that the key stands in no header.
 */
export function showsKey(app: App, headers: Headers): boolean {
  const [key = "", keyKind] = (headers.get("x-lc-key") ?? "").split(",");
  const [sign = "", timestamp = "", signKind] = (headers.get("x-lc-sign") ?? "").split(",");
  const expected = (kind: string | undefined) => kind === "master" ? app.masterKey : app.key;
  const forKey = expected(keyKind);
  if (key !== "") return forKey !== undefined && same(key, forKey);
  const forSign = expected(signKind);
  if (sign === "" || forSign === undefined) return false;
  return same(sign.toLowerCase(), bytesToHex(md5(utf8ToBytes(timestamp + forSign))));
}
