/**
 * The certificate that a server shows: read from files, and read again when they change.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Clock, Log } from "@curlew/realtime/environment";

/** Where a certificate and its key lie, as PEM. */
export interface TlsFiles {
  /** The certificate, followed by the intermediate ones: certbot's `fullchain.pem`. */
  readonly cert: string;
  /** Its private key: certbot's `privkey.pem`. */
  readonly key: string;
}

/** A certificate and the key that belongs to it, as PEM. */
export interface TlsPair {
  /** The certificate, followed by the intermediate ones. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** How often the files are looked at, in ms. */
const INTERVAL = 10_000;

/** Runs something, and names it in the error where that fails. */
function named<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new Error(what, { cause });
  }
}

/**
 * The reason why these can't be served. Asked here, since Deno takes any certificate with any key
 * and then fails each handshake.
 */
function check({ cert, key }: TlsPair, files: TlsFiles): void {
  const certificates = cert.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (!certificates) throw new Error(`${files.cert} holds no certificate in PEM form`);
  const [own] = certificates.map((text, i) =>
    named(
      `Certificate ${i + 1} in ${files.cert} can't be read`,
      () => new X509Certificate(text),
    )
  );
  const secret = named(
    `${files.key} holds no private key in PEM form without a passphrase`,
    () => createPrivateKey(key),
  );
  if (!own?.checkPrivateKey(secret)) {
    throw new Error(
      `The key in ${files.key} does not belong to the first certificate in ${files.cert}`,
    );
  }
}

/** The texts of the files, whatever they are. */
async function read(files: TlsFiles): Promise<TlsPair> {
  const [cert, key] = await Promise.all(
    [files.cert, files.key].map((path) => readFile(path, "utf8")),
  );
  return { cert: cert ?? "", key: key ?? "" };
}

/**
 * Reads a certificate and its key.
 *
 * @throws An `Error` of one line that names the file, and says what is wrong with it.
 */
export async function readTls(files: TlsFiles): Promise<TlsPair> {
  const pair = await read(files);
  check(pair, files);
  return pair;
}

/**
 * Looks at the files again and again, and passes a pair on that is another one and good. What they
 * hold is compared and not when they were written: a file may be replaced, and so may a symbolic
 * link on the way to it. A pair that is bad is told to the log once, if it still is when next
 * looked at: the two files do not change at the same time.
 *
 * Returns what ends it.
 */
export function watchTls(
  files: TlsFiles,
  first: TlsPair,
  { clock, log, use }: {
    readonly clock: Clock;
    readonly log: Log;
    readonly use: (pair: TlsPair) => void;
  },
): () => void {
  let used = first;
  let ended = false;
  /** What was wrong when they were looked at before, and what of it the log was told. */
  let before: string | undefined;
  let told: string | undefined;
  const renew = async () => {
    const pair = await read(files);
    if (ended || (pair.cert === used.cert && pair.key === used.key)) return;
    check(pair, files);
    use(pair);
    used = pair;
    log.info("The TLS certificate was read again", { file: files.cert });
  };
  const look = async () => {
    const wrong = await renew().then(() => undefined, (error: Error) => error.message);
    if (ended) return;
    if (wrong !== undefined && wrong === before && wrong !== told) {
      log.error("The TLS certificate can't be read again, and stays as it was", { error: wrong });
      told = wrong;
    } else if (wrong === undefined) told = undefined;
    before = wrong;
    timer = clock.after(INTERVAL, look);
  };
  let timer = clock.after(INTERVAL, look);
  return () => {
    ended = true;
    timer.cancel();
  };
}
