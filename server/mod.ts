/**
 * The server, whatever runtime carries it: a `fetch` handler, and `accept` for links. It speaks
 * LeanCloud's wire protocol, so that every client of it can be pointed here.
 *
 * @module
 */
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf, protobufText } from "@curlew/realtime/codecs/protobuf";
import type { Environment } from "@curlew/realtime/environment";
import {
  type Codec,
  ErrorCode,
  type Link,
  type ProtocolVersion,
  type Receiver,
} from "@curlew/realtime/protocol";
import type { App } from "./apps.ts";
import type { Bus } from "./bus/bus.ts";
import { localBus } from "./bus/local.ts";
import type { Gateway, Spoken } from "./gateway/gateway.ts";
import { Hub } from "./gateway/hub.ts";
import { type Limits, usualLimits } from "./gateway/limits.ts";
import { GOING_AWAY, type OpenLink, openLink } from "./gateway/link.ts";
import { longPollChannels } from "./gateway/long_poll.ts";
import { httpApp, type Page } from "./http/app.ts";
import { isLocal, type Peer } from "./http/peer.ts";
import { toBase64Url } from "./service/base64_url.ts";
import { CLIENT_ID_RULE, isClientId } from "./service/client_id.ts";
import type { ServiceEvent } from "./service/events.ts";
import { idMaker } from "./service/ids.ts";
import { kick } from "./service/kicks.ts";
import { handlers } from "./service/mod.ts";
import { startService } from "./service/services.ts";
import { sessionTokens } from "./service/session_token.ts";
import type { Json, Store } from "./store/store.ts";

export type { App } from "./apps.ts";
export type { Bus } from "./bus/bus.ts";
export type { ChannelLimits, Limits } from "./gateway/limits.ts";
export type { Page } from "./http/app.ts";
export type { Peer } from "./http/peer.ts";
export type {
  ExecutedEvent,
  HeirEvent,
  KickEvent,
  LostEvent,
  MessageEvent,
  Newest,
  NoticeEvent,
  ServiceEvent,
  TakeoverEvent,
  ToldEvent,
} from "./service/events.ts";
export type { Will } from "./service/will.ts";

/** What a server is made of. */
export interface ServerOptions {
  /** The apps that it serves. */
  readonly apps: readonly App[];
  /** What is kept. It stays the caller's to close, after the server. */
  readonly store: Store;
  /** What is passed on between nodes; by default within this process. */
  readonly bus?: Bus<ServiceEvent>;
  /**
   * Where clients reach the server, such as `https://chat.example.com/`: what `/v1/route` answers.
   * Without it, it follows the request's `Host`, which is right on loopback alone.
   */
  readonly publicUrl?: string;
  /** Whether to refuse what has a foreign `Host` or `Origin`: for the development app. */
  readonly localOnly?: boolean;
  /** Files to serve beside: the page. */
  readonly page?: Page;
  /** The server's version, for `/healthz`. */
  readonly version: string;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<Limits>;
  /**
   * What the ids of this server's long-poll channels begin with, before a dot, so that a proxy can
   * send a channel's requests to the node that has it: up to 32 letters, digits, `-` and `_`;
   * random without it.
   */
  readonly node?: string;
}

/** A server, to be carried by a runtime. */
export interface Server {
  /** The subprotocols to offer in a handshake. */
  readonly protocols: readonly string[];
  /** Answers an HTTP request; those of long-poll too, whose channels are links. */
  readonly fetch: (request: Request, peer: Peer) => Promise<Response>;
  /** Serves a link whose `protocol` is one of `protocols`. */
  readonly accept: (link: Link, peer: Peer) => Receiver;
  /**
   * Forces a client to log out on all its devices, on whatever node they are: each is told 4115 and
   * the reason, 20 characters at most. What it was let in by until now is void: its session tokens,
   * and the signatures of logins whose timestamp is not later than now or whose nonce was used. It
   * may log in again with a new signature, so an app that wants it to stay out makes none; where
   * logins are open, it may come back at once. Resolves when that is stored. Rejects with a
   * `TypeError` for an app that is not served, or for what can't be a client's id or a reason.
   */
  readonly kick: (app: string, client: string, reason?: string) => Promise<void>;
  /**
   * Starts a service conversation, which clients find by `sys` and subscribe to, with a name and
   * whatever else is to be known of it: what clients can't do. What a client sends to it is kept
   * for itself alone, beside the operator. Resolves with its id when that is stored. Rejects with a
   * `TypeError` for an app that is not served, or for what can't be attributes.
   */
  readonly createServiceConversation: (
    app: string,
    attributes?: { readonly [name: string]: Json },
  ) => Promise<string>;
  /**
   * Tells every client to go elsewhere, lets them leave by themselves for `farewell` ms (0 without
   * it), finishes what arrived, and closes the links that are left. Once: who asks again waits
   * for the same. Clients that would dial at once are told last, after `stopListening` was called.
   */
  readonly close: (farewell?: number, stopListening?: () => void) => Promise<void>;
}

/** The parts of the environment that a server uses. */
export type ServerEnvironment = Pick<Environment, "clock" | "random" | "secret" | "log">;

const codecs: readonly Codec[] = [protobuf, protobufText, cbor, cborText, json];
const versions: readonly ProtocolVersion[] = [3, 1];

/**
 * Makes a server. The key of its session tokens is kept in the store, so that they outlive it.
 *
 * ```ts
 * const server = createServer({ apps, store, version: "1.0.0" }, nodeEnvironment);
 * const { port } = await serveNode(server, { port: 8450 });
 * ```
 */
export function createServer(options: ServerOptions, environment: ServerEnvironment): Server {
  const { store, publicUrl, localOnly = false, page = {}, version } = options;
  const { clock, secret, log } = environment;
  const limits = { ...usualLimits, ...options.limits };
  const apps = new Map(options.apps.map((app) => [app.id, app]));
  const spoken = new Map<string, Spoken>(
    codecs.flatMap((codec) =>
      versions.map((version) => [codec.subprotocol(version), { codec, version }] as const)
    ),
  );
  const key = store.setting("session-token-key", () => toBase64Url(secret(32)));
  const tokens = sessionTokens(key.then(({ value }) => value), clock.now);
  const bus = options.bus ?? localBus(log);
  const hub = new Hub({
    apps: apps.keys(),
    store,
    bus,
    alone: options.bus === undefined,
    clock,
    log,
  });
  const gateway: Gateway = {
    apps,
    hub,
    tokens,
    clock,
    log,
    losses: new Set(),
    handlerOf: handlers(tokens),
    limits,
    context: {
      store,
      clock,
      log,
      newId: idMaker(secret),
      online: (app, clients) =>
        clients.filter((client) => hub.presence(app).sessions(client).size > 0),
      inRoom: (app, room) => hub.presence(app).inRoom(room),
    },
  };
  const http = httpApp({ apps, store, tokens, clock, publicUrl, localOnly, page, version, log });
  const links = new Set<OpenLink>();
  let allLeft = () => {};

  const serve = (link: Link, peer: Peer): OpenLink => {
    const meaning = spoken.get(link.protocol);
    if (!meaning) throw new TypeError(`The link speaks ${link.protocol}, which is unknown`);
    const open = openLink(link, meaning, gateway, () => {
      links.delete(open);
      if (links.size === 0) allLeft();
    });
    links.add(open);
    if (localOnly && !isLocal(peer)) open.close(ErrorCode.INVALID_ORIGIN, "INVALID_ORIGIN");
    return open;
  };
  const protocols = [...spoken.keys()];
  const channels = longPollChannels<Peer>({
    protocols,
    accept: (link, peer) => {
      const { receiver, known } = serve(link, peer);
      return { ...receiver, known };
    },
    clock,
    secret,
    log,
    limits,
    ...(options.node === undefined ? {} : { node: options.node }),
  });

  const shut = async (farewell: number, stopListening?: () => void) => {
    channels.stop();
    for (const { hasty, sayGoodbye } of links) if (!hasty()) sayGoodbye();
    if (farewell > 0 && links.size > 0) {
      // LeanCloud's JavaScript SDK asks for the route first; closed while it does, it throws
      // where nobody can catch it.
      await new Promise<void>((done) => {
        const patience = clock.after(farewell, done);
        allLeft = () => {
          patience.cancel();
          done();
        };
      });
    }
    const last = [...links].filter(({ hasty }) => hasty());
    if (last.length > 0) stopListening?.();
    for (const { sayGoodbye } of last) sayGoodbye();
    await Promise.all([...links].map(({ idle }) => idle()));
    for (const { close } of links) close(GOING_AWAY, "The server goes away");
    channels.close();
    hub.close();
    await Promise.all(gateway.losses);
    if (!options.bus) await bus.close();
  };
  const mustServe = (app: string) => {
    if (!apps.has(app)) throw new TypeError(`There is no app ${JSON.stringify(app)} here`);
  };
  let closing: Promise<void> | undefined;

  return {
    protocols,
    fetch: async (request, peer) =>
      await (channels.handle(request, peer) ?? http.fetch(request, { peer })),
    accept: (link, peer) => serve(link, peer).receiver,
    kick: async (app, client, reason) => {
      mustServe(app);
      if (!isClientId(client)) throw new TypeError(CLIENT_ID_RULE);
      hub.publish(app, [await kick(app, client, reason, { store })]);
    },
    createServiceConversation: async (app, attributes = {}) => {
      mustServe(app);
      return await startService(app, attributes, { store });
    },
    close: (farewell = 0, stopListening) => closing ??= shut(farewell, stopListening),
  };
}
