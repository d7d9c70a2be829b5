/**
 * Long-poll: links over plain HTTP, for where no WebSocket gets through. PROTOCOL.md says how it
 * is spoken. It knows nothing of what the frames mean.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Clock, Log } from "@curlew/realtime/environment";
import { DecodeError, type Frame, readBatch, secretHeader } from "@curlew/realtime/protocol";
import { toBase64Url } from "../service/base64_url.ts";
import { usualLimits } from "./limits.ts";
import {
  type Answer,
  answer,
  bodyType,
  preflight,
  readBody,
  refusal,
  toResponse,
  unknownChannel,
} from "./long_poll_answer.ts";
import { Channel, type ChannelBounds, type Guest } from "./long_poll_channel.ts";

export type { ChannelBounds, Guest } from "./long_poll_channel.ts";

/** Who is at the other end of a request. */
export interface Caller {
  /** Its address. */
  readonly address: string;
  /** The page that it runs on, where a browser says so. */
  readonly origin?: string;
}

/** What channels are made of. */
export interface LongPollOptions<Peer extends Caller> {
  /** The subprotocols that are spoken. */
  readonly protocols: readonly string[];
  /** Serves a channel as a link. */
  readonly accept: (link: Channel, peer: Peer) => Guest;
  /** Tells the time. */
  readonly clock: Clock;
  /** Makes ids and secrets. */
  readonly secret: (bytes: number) => Uint8Array;
  /** Where log lines go. */
  readonly log: Log;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<ChannelBounds>;
  /** What the ids of channels begin with, for a proxy to route by; random without it. */
  readonly node?: string;
}

/** The channels of a server. */
export interface LongPoll<Peer extends Caller> {
  /** Answers a request; `undefined` for one that is none of long-poll's. */
  readonly handle: (request: Request, peer: Peer) => Promise<Response> | undefined;
  /** How many channels are known. */
  readonly size: number;
  /** Opens no further channels. */
  readonly stop: () => void;
  /** Ends all channels with 1001, which the polls that wait are told. */
  readonly close: () => void;
}

/** A channel, and who may use it. */
interface Entry {
  readonly channel: Channel;
  readonly hash: Uint8Array;
  readonly origin: string | undefined;
}

/** `…/lp`, `…/lp/ID/send` and `…/lp/ID/poll`: beside each path where a WebSocket may be. */
const place = /\/lp(?:\/([\w.-]+)\/(send|poll))?$/;
const nodeName = /^[\w-]{1,32}$/;

/** How large the body may be that opens a channel or polls. */
const SMALL_BODY = 16_384;
/** When to ask again where there is no room, in s. */
const RETRY = 10;
/** How often a log line says that there is no room, in ms. */
const QUIET = 60_000;
const GOING_AWAY = 1001;

const hashOf = (secret: string): Uint8Array => sha256(utf8ToBytes(secret));

/** Compares in a time that tells nothing of where they differ. */
function same(one: Uint8Array, other: Uint8Array): boolean {
  let different = 0;
  for (let i = 0; i < one.length; i++) different |= (one[i] ?? 0) ^ (other[i] ?? 0);
  return different === 0;
}

/** Whom an address stands for: of IPv6 everybody has at least 2^64. */
function household(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const behind = tail?.split(":") ?? [];
  while (tail !== undefined && groups.length + behind.length < 8) groups.push("0");
  return [...groups, ...behind].slice(0, 4).join(":");
}

function parse(body: Frame): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(`${body}`));
  } catch {
    return {};
  }
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

/** Makes the channels of a server. */
export function longPollChannels<Peer extends Caller>(
  options: LongPollOptions<Peer>,
): LongPoll<Peer> {
  const { protocols, accept, clock, secret, log } = options;
  const limits: ChannelBounds = { ...usualLimits, ...options.limits };
  const node = options.node ?? toBase64Url(secret(6));
  if (!nodeName.test(node)) {
    throw new TypeError(`node: ${JSON.stringify(node)} is not 1 to 32 letters, digits, - and _`);
  }
  const entries = new Map<string, Entry>();
  const byAddress = new Map<string, number>();
  let stopped = false;
  let complained = -Infinity;

  let waiting: Channel[] = [];
  const flush = () => {
    const channels = waiting;
    waiting = [];
    for (const channel of channels) channel.flush();
  };
  const turnEnd = (channel: Channel) => {
    if (waiting.length === 0) clock.turnEnd(flush);
    waiting.push(channel);
  };

  /** Why there is no room for another channel of an address. */
  const noRoom = (address: string): Answer | undefined => {
    if (stopped) return { ...refusal(503, "The server is closing"), retryAfter: 1 };
    const mine = (byAddress.get(address) ?? 0) >= limits.channelsPerAddress;
    if (!mine && entries.size < limits.channels) return undefined;
    if (clock.now() - complained >= QUIET) {
      complained = clock.now();
      log.warn("A channel was refused: there are too many", mine ? { address } : {});
    }
    const refused = mine
      ? refusal(429, "Your address has too many channels open")
      : refusal(503, "The server has too many channels open");
    return { ...refused, retryAfter: RETRY };
  };

  const open = (body: Frame, peer: Peer): Answer => {
    const { protocols: offered } = parse(body);
    if (!Array.isArray(offered)) return refusal(400, "The body lists no protocols");
    const protocol = offered.find((name) => protocols.includes(name));
    if (protocol === undefined) {
      return refusal(400, `Offer one of these protocols: ${protocols.join(", ")}`, { protocols });
    }
    const address = household(peer.address);
    const refused = noRoom(address);
    if (refused) return refused;

    const id = `${node}.${toBase64Url(secret(16))}`;
    const key = toBase64Url(secret(32));
    const forget = () => {
      if (!entries.delete(id)) return;
      const left = (byAddress.get(address) ?? 0) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    };
    const channel = new Channel(protocol, { limits, clock, log, turnEnd, forget });
    entries.set(id, { channel, hash: hashOf(key), origin: peer.origin });
    byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    try {
      channel.begin(accept(channel, peer));
    } catch (error) {
      log.error("A channel could not be served", { error });
      channel.drop(GOING_AWAY, "Internal error");
      return refusal(500, "Internal error");
    }
    const { pollHold: poll, channelKeep: keep, batch } = limits;
    return answer({ id, secret: key, protocol, poll, keep, batch });
  };

  const find = (id: string, request: Request, { origin }: Peer): Channel | undefined => {
    const entry = entries.get(id);
    const key = request.headers.get(secretHeader);
    if (!entry || !key || entry.origin !== origin) return undefined;
    return same(hashOf(key), entry.hash) ? entry.channel : undefined;
  };

  const poll = (channel: Channel, body: Frame, request: Request): Promise<Answer> | Answer => {
    const { ack, wait = limits.pollHold } = parse(body);
    if (!isCount(ack) || !isCount(wait)) return refusal(400, "The body is no { ack, wait }");
    return channel.poll(ack, Math.min(wait, limits.pollHold), request.signal);
  };

  const send = (channel: Channel, body: Frame): Answer => {
    try {
      return channel.receive(readBatch(body));
    } catch (error) {
      if (error instanceof DecodeError) return refusal(400, error.message);
      throw error;
    }
  };

  const respond = async (
    request: Request,
    peer: Peer,
    id: string | undefined,
    what: string | undefined,
  ): Promise<Answer> => {
    if (request.method !== "POST") return refusal(405, "Everything here is a POST");
    const type = bodyType(request);
    if (type === undefined || (what !== "send" && type !== "application/json")) {
      return refusal(415, "Send application/json, or a batch as application/octet-stream");
    }
    const channel = id === undefined ? undefined : find(id, request, peer);
    if (id !== undefined && !channel) return unknownChannel;
    const most = channel && what === "send" ? channel.room : SMALL_BODY;
    const body = await readBody(request, type, most);
    if (body === undefined) return refusal(413, `The body is larger than ${most} bytes`);
    if (!channel) return open(body, peer);
    return what === "send" ? send(channel, body) : await poll(channel, body, request);
  };

  return {
    handle: (request, peer) => {
      const found = place.exec(request.url.split("?", 1)[0] ?? "");
      if (!found) return undefined;
      if (request.method === "OPTIONS") return Promise.resolve(preflight(secretHeader));
      return respond(request, peer, found[1], found[2]).then(toResponse);
    },
    get size() {
      return entries.size;
    },
    stop: () => void (stopped = true),
    close: () => {
      stopped = true;
      for (const { channel } of entries.values()) {
        channel.drop(GOING_AWAY, "The server goes away");
      }
    },
  };
}
