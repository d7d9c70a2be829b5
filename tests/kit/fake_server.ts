/**
 * A scripted server: it answers a client's requests sensibly, keeps what it was sent, and
 * misbehaves when it is told to. It knows nothing of storage; the real one is in `server/`.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Command, Link, MessageOf, Receiver } from "@curlew/realtime/protocol";

/** What a test lets the server do with a request instead of the usual. */
export type Script = (command: Command, client: FakeClient) => Command | "silence" | void;

/** One session on one link. */
export interface FakeClient {
  readonly id: string;
  readonly deviceId: string | undefined;
  readonly tag: string | undefined;
  readonly link: FakeLink;
}

/** One link, from the server's side. */
export interface FakeLink {
  readonly protocol: string;
  readonly send: (command: Command) => void;
  readonly close: (code?: number, reason?: string) => void;
}

type Reply = (answer: Command) => void;

interface FakeMessage {
  readonly id: string;
  readonly from: string;
  readonly timestamp: number;
  readonly direct: MessageOf<"DirectCommand">;
}

interface FakeConversation {
  readonly cid: string;
  readonly json: Record<string, unknown> & { m: string[] };
  readonly messages: FakeMessage[];
}

const codecs: readonly Codec[] = [protobuf, protobufText];

export class FakeServer {
  /** Everything that arrived, in order. */
  readonly received: Command[] = [];
  /** Who is logged in. */
  readonly clients = new Set<FakeClient>();
  readonly conversations = new Map<string, FakeConversation>();
  /** How many links were opened. */
  opened = 0;
  /** What to do instead of the usual, asked first. */
  script: Script = () => {};
  /** How long a session token lasts, in s. */
  tokenTtl = 172_800;
  readonly protocols = codecs.flatMap((codec) => [codec.subprotocol(3), codec.subprotocol(1)]);
  readonly #clock: Clock;
  readonly #links = new Set<FakeLink>();
  readonly #tokens = new Map<string, number>();
  readonly #acks = new Map<string, Command>();
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many links are open. */
  get links(): number {
    return this.#links.size;
  }

  /** Ends all links. */
  cut(code = 1006, reason = ""): void {
    for (const link of [...this.#links]) link.close(code, reason);
  }

  /** Forgets all session tokens, as a server that lost its key would. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** The requests that arrived of that kind. */
  requests(cmd: Command["cmd"], op?: Command["op"]): Command[] {
    return this.received.filter((each) => each.cmd === cmd && (!op || each.op === op));
  }

  /** Pushes a command to all sessions of a client. */
  push(peerId: string, command: Command): void {
    for (const client of this.clients) if (client.id === peerId) this.#push(client, command);
  }

  #push(client: FakeClient, command: Command): void {
    client.link.send({ service: 2, ...command, peerId: client.id });
  }

  /** A conversation that exists without anybody's having created it here. */
  seed(cid: string, m: string[], json: Record<string, unknown> = {}): FakeConversation {
    const at = new Date(this.#clock.now()).toISOString();
    const conversation: FakeConversation = {
      cid,
      json: { objectId: cid, c: m[0], createdAt: at, updatedAt: at, tr: false, ...json, m },
      messages: [],
    };
    this.conversations.set(cid, conversation);
    return conversation;
  }

  readonly accept = (link: Link): Receiver => {
    this.opened++;
    const codec = codecs.find((each) =>
      [each.subprotocol(1), each.subprotocol(3)].includes(link.protocol)
    )!;
    let live = true;
    const own: FakeLink = {
      protocol: link.protocol,
      send: (command) => live && link.send(codec.encode(command)),
      close: (code, reason) => {
        ended();
        link.close(code, reason);
      },
    };
    const ended = () => {
      live = false;
      this.#links.delete(own);
      for (const client of this.clients) if (client.link === own) this.clients.delete(client);
    };
    this.#links.add(own);
    return {
      frame: (frame) => this.#arrived(codec.decode(frame), own),
      closed: ended,
    };
  };

  #arrived(command: Command, link: FakeLink): void {
    if (command.cmd === "echo") return link.send(command);
    this.received.push(command);
    const client = this.#clientOf(command, link) ?? this.#newcomer(command, link);
    const scripted = this.script(command, client);
    const reply = (answer: Command) =>
      link.send({
        service: 2,
        peerId: client.id,
        ...command.i !== undefined && { i: command.i },
        ...answer,
      });
    if (scripted === "silence") return;
    if (scripted) return reply(scripted);
    const name = `${command.cmd}/${command.op}`;
    if (name in handlers) this[handlers[name as keyof typeof handlers]](command, client, reply);
    else reply({ cmd: "error", errorMessage: { code: 4200, reason: "INTERNAL_ERROR" } });
  }

  #clientOf({ op, peerId }: Command, link: FakeLink): FakeClient | undefined {
    if (op === "open" && peerId === undefined) return undefined;
    return [...this.clients].find((each) =>
      each.link === link && (peerId === undefined || each.id === peerId)
    );
  }

  #newcomer({ peerId, sessionMessage }: Command, link: FakeLink): FakeClient {
    return {
      id: peerId ?? `anonymous-${++this.#ids}`,
      deviceId: sessionMessage?.deviceId,
      tag: sessionMessage?.tag,
      link,
    };
  }

  /** @internal */
  open(command: Command, client: FakeClient, reply: Reply): void {
    const { st, r, tag, deviceId } = command.sessionMessage ?? {};
    if (st !== undefined && !((this.#tokens.get(st) ?? 0) > this.#clock.now())) {
      const errorMessage = { code: 4112, reason: "SESSION_TOKEN_EXPIRED" };
      return reply({ cmd: "error", errorMessage });
    }
    const others = [...this.clients].filter((other) =>
      tag !== undefined && other.id === client.id && other.tag === tag &&
      other.deviceId !== deviceId
    );
    const conflict: Command = {
      cmd: "session",
      op: "closed",
      sessionMessage: { code: 4111, reason: "SESSION_CONFLICT" },
    };
    if (r && others.length) return reply(conflict);
    this.clients.add(client);
    const token = `st-${++this.#ids}`;
    this.#tokens.set(token, this.#clock.now() + this.tokenTtl * 1000);
    reply({
      cmd: "session",
      op: "opened",
      serverTs: this.#clock.now(),
      sessionMessage: { st: token, stTtl: this.tokenTtl },
    });
    for (const other of others) {
      this.#push(other, conflict);
      this.clients.delete(other);
    }
  }

  /** @internal */
  refresh(_command: Command, _client: FakeClient, reply: Reply): void {
    const token = `st-${++this.#ids}`;
    this.#tokens.set(token, this.#clock.now() + this.tokenTtl * 1000);
    reply({
      cmd: "session",
      op: "refreshed",
      sessionMessage: { st: token, stTtl: this.tokenTtl },
    });
  }

  /** @internal */
  logOut(_command: Command, client: FakeClient, reply: Reply): void {
    this.clients.delete(client);
    reply({ cmd: "session", op: "closed", sessionMessage: {} });
  }

  /** @internal */
  online({ sessionMessage }: Command, _client: FakeClient, reply: Reply): void {
    const online = new Set([...this.clients].map(({ id }) => id));
    const onlineSessionPeerIds = sessionMessage?.sessionPeerIds?.filter((id) => online.has(id));
    reply({ cmd: "session", op: "query_result", sessionMessage: { onlineSessionPeerIds } });
  }

  /** @internal */
  count({ convMessage }: Command, _client: FakeClient, reply: Reply): void {
    const count = this.conversations.get(convMessage?.cid ?? "")?.json.m.length ?? 0;
    reply({ cmd: "conv", op: "result", convMessage: { count } });
  }

  /** @internal */
  ack(): void {}

  /** @internal */
  start({ convMessage }: Command, by: FakeClient, reply: Reply): void {
    const m = [...new Set([...convMessage?.m ?? [], by.id])].sort();
    const known = convMessage?.unique &&
      [...this.conversations.values()].find(({ json }) =>
        json.unique && [...json.m].sort().join() === m.join()
      );
    const conversation = known || this.seed(`conv-${++this.#ids}`, m, {
      ...JSON.parse(convMessage?.attr?.data ?? "{}"),
      c: by.id,
      unique: convMessage?.unique ?? false,
      tr: convMessage?.transient ?? false,
    });
    const { cid, json } = conversation;
    reply({
      cmd: "conv",
      op: "started",
      convMessage: { cid, cdate: json.createdAt as string, existing: Boolean(known) },
    });
    if (!known && !convMessage?.transient) this.#joined(conversation, m, m, by.id);
  }

  #joined(conv: FakeConversation, to: string[], m: string[], initBy: string): void {
    const common = { cid: conv.cid, initBy, udate: new Date(this.#clock.now()).toISOString() };
    for (const id of m) this.push(id, { cmd: "conv", op: "joined", convMessage: common });
    for (const id of to) {
      this.push(id, { cmd: "conv", op: "members_joined", convMessage: { ...common, m } });
    }
  }

  /** @internal */
  change({ op, convMessage }: Command, by: FakeClient, reply: Reply): void {
    const conversation = this.conversations.get(convMessage?.cid ?? "")!;
    const m = [...convMessage?.m ?? []];
    const common = { cid: conversation.cid, initBy: by.id };
    reply({
      cmd: "conv",
      op: op === "add" ? "added" : "removed",
      convMessage: { cid: conversation.cid, allowedPids: m },
    });
    if (op === "add") {
      conversation.json.m = [...new Set([...conversation.json.m, ...m])];
      return this.#joined(conversation, conversation.json.m, m, by.id);
    }
    conversation.json.m = conversation.json.m.filter((id) => !m.includes(id));
    for (const id of m) this.push(id, { cmd: "conv", op: "left", convMessage: common });
    for (const id of conversation.json.m) {
      this.push(id, { cmd: "conv", op: "members_left", convMessage: { ...common, m } });
    }
  }

  /** @internal */
  query({ convMessage }: Command, by: FakeClient, reply: Reply): void {
    const where = JSON.parse(convMessage?.where?.data ?? "{}");
    const ids: string[] | undefined = convMessage?.tempConvIds ? [...convMessage.tempConvIds] : (
      where.objectId?.$in ?? (where.objectId && [where.objectId])
    );
    const found = [...this.conversations.values()].filter(({ cid, json }) =>
      ids
        ? ids.includes(cid)
        : (where.m?.$all ?? [by.id]).every((id: string) => json.m.includes(id))
    ).map(({ json }) => json);
    const data = JSON.stringify(found.slice(0, convMessage?.limit ?? 10));
    reply({ cmd: "conv", op: "results", convMessage: { results: { data } } });
  }

  /** @internal */
  direct(command: Command, by: FakeClient, reply: Reply): void {
    const direct = command.directMessage!;
    const conversation = this.conversations.get(direct.cid ?? "");
    const before = this.#acks.get(`${by.id} ${direct.dt}`);
    if (before) return reply(before);
    if (!conversation) {
      const ackMessage = { code: 4401, reason: "INVALID_MESSAGING_TARGET" };
      return reply({ cmd: "ack", ackMessage });
    }
    const last = conversation.messages.at(-1)?.timestamp ?? 0;
    const message: FakeMessage = {
      id: `message-${++this.#ids}`,
      from: by.id,
      timestamp: Math.max(last + 1, this.#clock.now()),
      direct,
    };
    if (!direct.transient) conversation.messages.push(message);
    const ack: Command = {
      cmd: "ack",
      ackMessage: { uid: message.id, t: message.timestamp, cid: conversation.cid },
    };
    this.#acks.set(`${by.id} ${direct.dt}`, ack);
    reply(ack);
    for (const client of this.clients) {
      if (client.link === by.link && client.id === by.id) continue;
      if (conversation.json.m.includes(client.id)) this.deliver(client, conversation, message);
    }
  }

  /** Pushes a message to one session. */
  deliver(client: FakeClient, { cid }: FakeConversation, message: FakeMessage): void {
    const { msg, binaryMsg, transient, mentionAll, mentionPids } = message.direct;
    this.#push(client, {
      cmd: "direct",
      directMessage: {
        cid,
        id: message.id,
        fromPeerId: message.from,
        timestamp: message.timestamp,
        msg,
        binaryMsg,
        transient,
        mentionAll,
        mentionPids,
        convType: 1,
      },
    });
  }

  /** @internal */
  logs({ logsMessage }: Command, _client: FakeClient, reply: Reply): void {
    const { cid = "", t, tt, l, limit = l ?? 20, direction, lctype } = logsMessage ?? {};
    const all = this.conversations.get(cid)?.messages ?? [];
    const [from = 0, to = Infinity] = direction === "NEW" ? [t, tt] : [tt, t];
    const within = all.filter(({ timestamp, direct }) =>
      timestamp > from && timestamp < to &&
      (lctype === undefined || JSON.parse(direct.msg ?? "{}")._lctype === lctype)
    );
    const page = direction === "NEW" ? within.slice(0, limit) : limit ? within.slice(-limit) : [];
    const logs = page.map(({ id: msgId, from, timestamp, direct }) => ({
      msgId,
      from,
      timestamp,
      data: direct.binaryMsg ? direct.binaryMsg.toBase64() : direct.msg,
      bin: direct.binaryMsg !== undefined,
    }));
    reply({ cmd: "logs", logsMessage: { logs } });
  }

  /** @internal */
  read({ readMessage }: Command, by: FakeClient): void {
    const convs = (readMessage?.convs ?? []).map(({ cid }) => ({
      cid,
      unread: 0,
      mentioned: false,
    }));
    this.push(by.id, { cmd: "unread", unreadMessage: { convs, notifTime: this.#clock.now() } });
  }
}

/** Which of the methods answers which request. */
const handlers = {
  "session/open": "open",
  "session/close": "logOut",
  "session/refresh": "refresh",
  "session/query": "online",
  "conv/start": "start",
  "conv/add": "change",
  "conv/remove": "change",
  "conv/query": "query",
  "conv/count": "count",
  "direct/undefined": "direct",
  "logs/undefined": "logs",
  "read/undefined": "read",
  "ack/undefined": "ack",
} as const;
