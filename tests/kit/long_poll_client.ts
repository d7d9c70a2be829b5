/**
 * A raw client of long-poll: it posts what a test tells it to, and knows nothing of when to do so.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Batch,
  contentType,
  type Frame,
  readBatch,
  secretHeader,
  writeBatch,
} from "@curlew/realtime/protocol";

/** Posts a request to a path, `lp…`. */
export type Post = (path: string, init: RequestInit) => Promise<Response>;

/** What a request brought. */
export interface Brought {
  readonly status: number;
  readonly headers: Headers;
  /** The body, as text where it is JSON. */
  readonly body: Frame;
  /** The body as JSON; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Posts a body with its content type. */
export async function ask(
  post: Post,
  path: string,
  body: Frame,
  init: RequestInit = {},
): Promise<Brought> {
  const response = await post(path, {
    method: "POST",
    body: body as BodyInit,
    ...init,
    headers: { "content-type": contentType(body), ...init.headers as Record<string, string> },
  });
  const { status, headers } = response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const json = headers.get("content-type") === "application/json";
  const text = new TextDecoder().decode(bytes);
  return { status, headers, body: json ? text : bytes, json: json ? JSON.parse(text) : {} };
}

/** One channel, from the client's side. */
export class LongPollClient {
  /** The number of the next frame to send. */
  next = 1;
  /** The number of the last frame that arrived. */
  got = 0;

  private constructor(readonly post: Post, readonly id: string, readonly secret: string) {}

  /** Opens a channel. */
  static async open(post: Post, ...protocols: string[]): Promise<LongPollClient> {
    const { status, json } = await ask(post, "lp", JSON.stringify({ protocols }));
    assert.equal(status, 200, JSON.stringify(json));
    return new LongPollClient(post, `${json.id}`, `${json.secret}`);
  }

  /** Asks something of the channel. */
  ask(what: "send" | "poll", body: Frame, init: RequestInit = {}): Promise<Brought> {
    const headers = { [secretHeader]: this.secret, ...init.headers as Record<string, string> };
    return ask(this.post, `lp/${this.id}/${what}`, body, { ...init, headers });
  }

  /** Sends frames, numbered on. */
  send(frames: readonly Frame[], close?: Batch["close"]): Promise<Brought> {
    const first = this.next;
    this.next += frames.length;
    return this.ask("send", writeBatch({ first, ack: this.got, frames, close }));
  }

  /** Polls with an acknowledgement, by default of all that it got. */
  poll(wait?: number, ack: number = this.got, init?: RequestInit): Promise<Brought> {
    return this.ask("poll", JSON.stringify({ ack, ...(wait === undefined ? {} : { wait }) }), init);
  }

  /** Polls, checks that the numbers go on, and takes what came. */
  async take(wait?: number): Promise<Batch> {
    const { status, body } = await this.poll(wait);
    assert.equal(status, 200, String(body));
    const batch = readBatch(body);
    assert.equal(batch.first, this.got + 1);
    this.got += batch.frames.length;
    return batch;
  }
}
