/**
 * A WebSocket client that costs next to nothing, so that what is measured is the server: it counts
 * frames instead of handing them out, and masks with zeros, which the protocol allows.
 *
 * @module
 */

/** A binary client frame around a payload. */
export function clientFrame(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = payload.length;
  const header = length < 126 ? [0x82, 0x80 | length] : [0x82, 0xfe, length >> 8, length & 255];
  const frame = new Uint8Array(header.length + 4 + length);
  frame.set(header);
  frame.set(payload, header.length + 4);
  return frame;
}

/** Repeats bytes, so that several frames leave in one write. */
export function repeat(bytes: Uint8Array, times: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

/** One connection. */
export class Socket {
  /** Called with how many messages one read brought. */
  onMessages: (count: number) => void = () => {};
  /** Called with each message's bytes, where set: slower. */
  onPayload: ((payload: Uint8Array) => void) | undefined;
  readonly #connection: Deno.TcpConn;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #skip = 0;
  #writing: Promise<unknown> = Promise.resolve();
  closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay(true);
  }

  /** Connects, and resolves when the upgrade was answered. */
  static async connect(port: number, protocol?: string): Promise<Socket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const socket = new Socket(connection);
    const offer = protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : "";
    await connection.write(new TextEncoder().encode(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`,
    ));
    let head = "";
    const buffer = new Uint8Array(16_384);
    while (!head.includes("\r\n\r\n")) {
      const n = await connection.read(buffer);
      if (n === null) throw new Error(`The server hung up during the upgrade: ${head}`);
      head += new TextDecoder("latin1").decode(buffer.subarray(0, n));
    }
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`No upgrade: ${head}`);
    const rest = head.slice(head.indexOf("\r\n\r\n") + 4);
    void socket.#read(Uint8Array.from(rest, (c) => c.charCodeAt(0)));
    return socket;
  }

  /** Writes finished frames, in order. */
  write(frames: Uint8Array): void {
    this.#writing = this.#writing.then(async () => {
      for (let at = 0; at < frames.length;) {
        at += await this.#connection.write(frames.subarray(at));
      }
    }).catch(() => this.close());
  }

  /** Ends the connection without a word. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.#connection.close();
    } catch {
      // It had ended already.
    }
  }

  async #read(first: Uint8Array<ArrayBuffer>): Promise<void> {
    if (first.length > 0) this.#parse(first);
    const buffer = new Uint8Array(262_144);
    try {
      for (
        let n = await this.#connection.read(buffer);
        n;
        n = await this.#connection.read(buffer)
      ) {
        this.#parse(buffer.subarray(0, n));
      }
    } catch {
      // The connection ended under the read.
    }
    this.close();
  }

  #parse(chunk: Uint8Array<ArrayBuffer>): void {
    let data = chunk;
    if (this.#rest.length > 0) {
      data = new Uint8Array(this.#rest.length + chunk.length);
      data.set(this.#rest);
      data.set(chunk, this.#rest.length);
      this.#rest = new Uint8Array(0);
    }
    let at = 0;
    let count = 0;
    if (this.#skip > 0) {
      at = Math.min(this.#skip, data.length);
      this.#skip -= at;
      if (this.#skip === 0) count++;
    }
    while (at < data.length) {
      const short = (data[at + 1] ?? 0) & 127;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < header) break;
      const length = short < 126
        ? short
        : short === 126
        ? (data[at + 2]! << 8) | data[at + 3]!
        : new DataView(data.buffer, data.byteOffset + at + 2).getUint32(4);
      const opcode = data[at]! & 15;
      const whole = data.length - at >= header + length;
      const message = opcode === 1 || opcode === 2;
      if (!whole && (this.onPayload || !message)) break;
      if (whole) {
        if (message) {
          count++;
          this.onPayload?.(data.subarray(at + header, at + header + length));
        }
        at += header + length;
      } else {
        this.#skip = header + length - (data.length - at);
        at = data.length;
      }
    }
    if (at < data.length) this.#rest = data.slice(at);
    if (count > 0) this.onMessages(count);
  }
}
