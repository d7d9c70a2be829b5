/**
 * The server's side of long-poll as PROTOCOL.md has it, and no more: it bounds nothing and trusts
 * everybody. It answers in this process, in a test's own time.
 *
 * @module
 */
import type { BodyFetch, Clock } from "@curlew/realtime/environment";
import {
  type Accept,
  type Closed,
  contentType,
  type Frame,
  type Link,
  readBatch,
  type Receiver,
  writeBatch,
} from "@curlew/realtime/protocol";

/** What a test says of it. */
export interface ModelOptions {
  readonly protocols: readonly string[];
  readonly accept: Accept;
  readonly clock: Clock;
  /** What it tells the client, in ms and bytes. */
  readonly poll?: number;
  readonly keep?: number;
  readonly batch?: number;
}

/** A request, as the model sees it. */
export interface ModelRequest {
  readonly path: string;
  readonly body: Frame;
  readonly secret: string | undefined;
}

/** An answer of `fetch`. */
export type ModelAnswer = Awaited<ReturnType<BodyFetch>>;

/** An answer with this status, body and headers. */
export function answerOf(
  status: number,
  body: Frame,
  headers: Readonly<Record<string, string>> = {},
): ModelAnswer {
  const all = new Headers({ "Content-Type": contentType(body) });
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return {
    status,
    headers: all,
    text: () => Promise.resolve(new TextDecoder().decode(bytes)),
    arrayBuffer: () => Promise.resolve(bytes.slice().buffer as ArrayBuffer),
  };
}

const json = (status: number, value: unknown) => answerOf(status, JSON.stringify(value));

/** One channel. */
class ModelChannel implements Link {
  receiver: Receiver = { frame: () => {}, closed: () => {} };
  readonly #sent: Frame[] = [];
  #acked = 0;
  #got = 0;
  #end: Closed | undefined;
  #answer: ((answer: ModelAnswer) => void) | undefined;

  constructor(readonly protocol: string, readonly clock: Clock) {}

  get pending(): number {
    return this.#end
      ? 0
      : this.#sent.slice(this.#acked).reduce((sum, { length }) => sum + length, 0);
  }

  readonly send = (frame: Frame): void => {
    if (this.#end) return;
    this.#sent.push(typeof frame === "string" ? frame : new Uint8Array(frame));
    this.clock.turnEnd(() => this.#stir());
  };

  readonly close = (code = 1000, reason = ""): void => {
    if (this.#end) return;
    this.#end = { code, reason };
    this.clock.turnEnd(() => {
      this.receiver.closed({ code, reason });
      this.#stir();
    });
  };

  #stir(): void {
    if (!this.#answer || !this.#end && this.#sent.length === this.#acked) return;
    const first = this.#acked + 1;
    const frames = this.#sent.slice(this.#acked);
    const body = writeBatch({ first, ack: this.#got, frames, close: this.#end });
    this.#reply(answerOf(200, body));
  }

  #reply(answer: ModelAnswer): void {
    const reply = this.#answer;
    this.#answer = undefined;
    reply?.(answer);
  }

  poll(ack: number, wait: number): Promise<ModelAnswer> {
    if (ack > this.#sent.length) return Promise.resolve(json(409, { code: 409, error: "Ack" }));
    this.#acked = Math.max(this.#acked, ack);
    this.#reply(json(409, { code: 409, error: "Another poll took over" }));
    return new Promise((resolve) => {
      const timer = this.clock.after(wait, () => {
        this.#reply(json(200, { first: this.#sent.length + 1, ack: this.#got, frames: [] }));
      });
      this.#answer = (answer) => {
        timer.cancel();
        resolve(answer);
      };
      this.#stir();
    });
  }

  take(body: Frame): ModelAnswer {
    const { first, frames, close } = readBatch(body);
    if (first > this.#got + 1) return json(409, { code: 409, error: "A frame is missing" });
    frames.forEach((frame, at) => {
      if (first + at <= this.#got) return;
      this.#got = first + at;
      if (!this.#end) this.receiver.frame(frame);
    });
    if (close && !this.#end) {
      this.#end = close;
      this.receiver.closed(close);
      this.#stir();
    }
    return json(200, { ack: this.#got });
  }
}

/** The model, which answers requests. */
export function longPollModel(options: ModelOptions) {
  const { protocols, accept, clock, poll = 25_000, keep = 60_000, batch = 65_536 } = options;
  const channels = new Map<string, ModelChannel>();
  let opened = 0;

  const open = (body: Frame): ModelAnswer => {
    const offered: string[] = JSON.parse(String(body)).protocols;
    const protocol = offered.find((name) => protocols.includes(name));
    if (protocol === undefined) return json(400, { code: 400, error: "None is shared", protocols });
    const id = `node.${++opened}`;
    const channel = new ModelChannel(protocol, clock);
    channels.set(id, channel);
    channel.receiver = accept(channel);
    return json(200, { id, secret: `secret of ${id}`, protocol, poll, keep, batch });
  };

  return {
    /** How many were opened. */
    get opened() {
      return opened;
    },
    /** Forgets all channels, as a server that was started anew has. */
    forget: (): void => channels.clear(),
    /** Answers a request. */
    answer: async ({ path, body, secret }: ModelRequest): Promise<ModelAnswer> => {
      const [, id = "", what] = /\/lp(?:\/([^/]+)\/(\w+))?$/.exec(path) ?? [];
      if (!id) return open(body);
      const channel = channels.get(id);
      if (!channel || secret !== `secret of ${id}`) return json(404, { code: 404, error: "None" });
      if (what === "send") return channel.take(body);
      const { ack, wait = poll } = JSON.parse(String(body));
      return await channel.poll(ack, Math.min(wait, poll));
    },
  };
}

/** What `answer` of a model looks like to a client, over a network where nothing goes wrong. */
export function fetchFrom(answer: (request: ModelRequest) => Promise<ModelAnswer>): BodyFetch {
  return (path, { body = "", headers = {} } = {}) =>
    answer({ path, body, secret: headers["Curlew-Secret"] });
}
