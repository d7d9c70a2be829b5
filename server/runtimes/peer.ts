/**
 * Who is on the other side of a request: what its socket says, or, where the socket is a trusted
 * proxy's, what that proxy says.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";
import type { Peer } from "../mod.ts";

/** Whether an address is a proxy whose `X-Forwarded-…` headers are believed. */
export type Trust = (address: string) => boolean;

/**
 * The address alone: some proxies write the port behind it (Azure's), and an IPv4 address that
 * arrived over an IPv6 socket is the IPv4 address.
 */
const plain = (address: string): string =>
  address.replace(/^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/, "$1$2").replace(/^::ffff:(?=\d+\.)/i, "");

/**
 * Reads a list of addresses and CIDR ranges, such as `10.0.0.0/8` and `::1`.
 *
 * @throws `TypeError` that names the entry which is neither.
 */
export function trustRanges(ranges: readonly string[]): Trust {
  if (ranges.length === 0) return () => false; // To look into a list costs more than all else here.
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits, ...rest] = range.split("/");
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
    if (!family || rest.length || !(prefix <= width)) {
      throw new TypeError(`Not an address or a CIDR range: ${range}`);
    }
    list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
  };
}

/** The last value of a header that proxies append to. */
const last = (header: string | string[] | undefined): string | undefined =>
  header?.toString().split(",").at(-1)?.trim() || undefined;

/**
 * The peer of a request. Of `X-Forwarded-For` it takes the nearest hop that is no trusted proxy,
 * where that is an address: what stands before it anybody may have written.
 */
export function peerOf(request: IncomingMessage, trust: Trust): Peer {
  const { headers } = request;
  const socket = plain(request.socket.remoteAddress ?? "");
  const proxied = trust(socket);
  const chain = proxied ? headers["x-forwarded-for"]?.toString().split(",") ?? [] : [];
  const hops = [...chain.map((hop) => plain(hop.trim())), socket];
  const address = hops.findLast((hop) => !trust(hop)) ?? hops[0] ?? socket;
  const host = (proxied && last(headers["x-forwarded-host"])) || headers.host;
  const scheme = proxied ? last(headers["x-forwarded-proto"]) : undefined;
  return {
    address: isIP(address) ? address : socket,
    ...(host ? { host } : {}),
    ...(headers.origin ? { origin: headers.origin } : {}),
    secure: scheme === undefined ? "encrypted" in request.socket : /^(https|wss)$/i.test(scheme),
  };
}
