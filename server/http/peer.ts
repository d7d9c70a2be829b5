/** Who is at the other end of a request or a link. @module */

/** The other end. */
export interface Peer {
  /** Its address. */
  readonly address: string;
  /** The host and port by which it reached the server. */
  readonly host?: string;
  /** The page that it runs on, where a browser says so. */
  readonly origin?: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function isLoopbackHost(host: string): boolean {
  return loopback.test(host.replace(/:\d+$/, ""));
}

/**
 * Whether a request was meant for this machine, and comes from no page of another. A page elsewhere
 * can have its own name resolve to this machine, but then it is that name which stands in `Host`.
 */
export function isLocal({ host, origin }: Peer): boolean {
  if (host !== undefined && !isLoopbackHost(host)) return false;
  if (origin === undefined) return true;
  const [, page] = /^https?:\/\/([^/]+)$/.exec(origin) ?? [];
  return page !== undefined && isLoopbackHost(page);
}
