/**
 * A raw client: it speaks the protocol with a codec over a link to `server.accept`, and knows
 * nothing of what the commands mean.
 *
 * @module
 */
import assert from "node:assert/strict";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { memory } from "@curlew/realtime/transports/memory";
import type {
  Closed,
  Codec,
  Command,
  Frame,
  Link,
  ProtocolVersion,
  Transport,
} from "@curlew/realtime/protocol";
import type { Peer, Server } from "@curlew/server";
import { settle } from "./clock.ts";

/** How long something that is due may take, in ms of real time: nothing here waits for a clock. */
const PATIENCE = 5_000;

/** Somebody on this machine. */
export const localPeer: Peer = { address: "127.0.0.1", host: "127.0.0.1:8450", secure: false };

/** Waits until something is so, while promises settle; fails when nothing comes of it. */
export async function until<T>(find: () => T | undefined | false, what: string): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    assert.ok(Date.now() < end, `There is still no ${what}`);
    await settle();
  }
}

/** The code and the symbolic reason of a reply that is an error. */
export const errorOf = ({ errorMessage }: Command) =>
  errorMessage && [errorMessage.code, errorMessage.reason];

/** How a client connects. */
export interface WireOptions {
  /** What it speaks; protobuf by default. */
  readonly codec?: Codec;
  /** Which version of the protocol; 3 by default. */
  readonly version?: ProtocolVersion;
  /** Where it comes from; this machine by default. */
  readonly peer?: Peer;
}

/** How a client logs in. */
export interface Login {
  /** The app's id; `app` by default. */
  readonly appId?: string;
  /** Beside the usual `r: false` and all bits. */
  readonly session?: NonNullable<Command["sessionMessage"]>;
}

/** One link to a server, from the client's side. */
export class WireClient {
  readonly #codec: Codec;
  #link: Link | undefined;
  #serial = 0;
  #read = 0;
  /** Everything that came, in order. */
  readonly heard: Command[] = [];
  /** Why the link ended, once it has. */
  closed: Closed | undefined;

  private constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Connects to a server in this process. */
  static connect(
    { protocols, accept }: Pick<Server, "protocols" | "accept">,
    { peer = localPeer, ...options }: WireOptions = {},
  ): Promise<WireClient> {
    const transport = memory({ protocols, accept: (link) => accept(link, peer) });
    return WireClient.over(transport, "memory:", options);
  }

  /** Connects over any transport. */
  static async over(
    transport: Transport,
    url: string,
    { codec = protobuf, version = 3 }: Omit<WireOptions, "peer"> = {},
  ): Promise<WireClient> {
    const client = new WireClient(codec);
    await transport.open({
      url,
      protocols: [codec.subprotocol(version)],
      cancelled: { aborted: false, addEventListener: () => {}, removeEventListener: () => {} },
      probe: () => codec.encode({ cmd: "echo" }),
    }, (link) => {
      client.#link = link;
      return {
        frame: (frame) => void client.heard.push(codec.decode(frame)),
        closed: (why) => void (client.closed = why),
      };
    });
    return client;
  }

  /** Sends a frame, whatever it is. */
  sendFrame(frame: Frame): void {
    this.#link?.send(frame);
  }

  /** Sends a command as it is. */
  send(command: Command): void {
    this.sendFrame(this.#codec.encode(command));
  }

  /** Sends a command under the next serial number, and resolves with what came under it. */
  async request(command: Command): Promise<Command> {
    const i = command.i ?? ++this.#serial;
    this.send({ ...command, i });
    return await until(() => this.closed ? undefined : this.reply(i), `reply to ${i}`);
  }

  /** What came under a serial number. */
  reply(i: number): Command | undefined {
    return this.heard.findLast((command) => command.i === i);
  }

  /** What came without a serial number. */
  get pushes(): Command[] {
    return this.heard.filter(({ i }) => i === undefined);
  }

  /** The next push that was not read yet and is one of these; what stands before it is passed over. */
  async next(cmd: Command["cmd"], op?: Command["op"]): Promise<Command> {
    const what = op === undefined ? `${cmd}` : `${cmd}/${op}`;
    return await until(() => {
      while (this.#read < this.heard.length) {
        const command = this.heard[this.#read++]!;
        if (command.i === undefined && command.cmd === cmd && (!op || command.op === op)) {
          return command;
        }
      }
      return undefined;
    }, `push ${what}`);
  }

  /** Logs a client in and resolves with the reply, whatever it is. */
  async open(peerId: string | undefined, { appId = "app", session }: Login = {}): Promise<Command> {
    return await this.request({
      cmd: "session",
      op: "open",
      appId,
      peerId,
      sessionMessage: { ua: "test", r: false, configBitmap: 187, ...session },
    });
  }

  /** Ends the link, as a client does. */
  close(): void {
    this.#link?.close(1000, "");
  }

  /** Resolves with why the link ended. */
  ended(): Promise<Closed> {
    return until(() => this.closed, "end of the link");
  }
}
