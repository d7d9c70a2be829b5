/**
 * The API of a mini program, as strict as a phone: what the developer tools let pass and a phone
 * refuses throws here. Sockets and requests are real.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
// @ts-types="@types/ws"
import { WebSocket } from "ws";

/** Whose API: WeChat's, which Douyin's and uni-app's are like, or Alipay's. */
export type Dialect = "wx" | "my";

type Callback = (result?: unknown) => void;
type Options = Readonly<Record<string, unknown>>;

/** What a phone allows at a time. */
const SOCKETS = 5;
const REQUESTS = 10;

const allowed: Readonly<Record<Dialect, Readonly<Record<string, readonly string[]>>>> = {
  wx: {
    connectSocket: ["url", "header", "protocols", "timeout", "success", "fail", "complete"],
    send: ["data", "success", "fail", "complete"],
    close: ["code", "reason", "success", "fail", "complete"],
    request: [
      ...["url", "data", "header", "timeout", "method", "dataType", "responseType"],
      ...["success", "fail", "complete"],
    ],
  },
  my: {
    connectSocket: ["url", "header", "protocols", "multiple", "success", "fail", "complete"],
    send: ["data", "isBuffer", "success", "fail", "complete"],
    close: ["code", "reason", "success", "fail", "complete"],
    request: [
      ...["url", "data", "headers", "timeout", "method", "dataType"],
      ...["success", "fail", "complete"],
    ],
  },
};

const isBuffer = (data: unknown): data is ArrayBuffer =>
  Object.prototype.toString.call(data) === "[object ArrayBuffer]";

/** A copy as an `ArrayBuffer` of its own. */
const copyOf = (data: Uint8Array): ArrayBuffer => new Uint8Array(data).buffer;

/** The API, and the phone around it. */
export class FakePhone {
  readonly api: Readonly<Record<string, unknown>>;
  /** How many sockets there are, and the most there were. */
  sockets = 0;
  mostSockets = 0;
  requests = 0;
  /** What was sent over sockets: the sizes of bytes, and texts. */
  readonly sent: (number | string)[] = [];
  /** Whether a socket that is closed says so on itself, or globally alone. */
  closesGlobally = false;
  readonly #live = new Set<WebSocket>();
  readonly #listeners = new Map<string, Set<Callback>>();
  #headersSeen = 0;

  constructor(readonly dialect: Dialect = "wx") {
    const events = ["AppHide", "AppShow", "NetworkStatusChange", "SocketClose"];
    this.api = {
      connectSocket: (options: Options) => this.#connect(options),
      request: (options: Options) => this.#request(options),
      ...Object.fromEntries(events.flatMap((event) => {
        const listeners = new Set<Callback>();
        this.#listeners.set(event, listeners);
        return [
          [`on${event}`, (listener: Callback): void => void listeners.add(listener)],
          [`off${event}`, (listener: Callback): void => void listeners.delete(listener)],
        ];
      })),
      ...dialect === "wx"
        ? {
          getRandomValues: ({ length, success }: { length: number; success: Callback }) =>
            queueMicrotask(() =>
              success({ randomValues: crypto.getRandomValues(new Uint8Array(length)).buffer })
            ),
        }
        : { tradePay: () => assert.fail("Nobody pays here") },
    };
  }

  /** How many listeners the app has, but for those of the socket's close, which all wait for. */
  get listening(): number {
    const counted = [...this.#listeners].filter(([event]) => event !== "SocketClose");
    return counted.reduce((sum, [, listeners]) => sum + listeners.size, 0);
  }

  /** Tells the app that something happened. */
  tell(event: "AppHide" | "AppShow" | "NetworkStatusChange", what?: unknown): void {
    for (const listener of [...this.#listeners.get(event)!]) listener(what);
  }

  /** Ends all sockets, as a network that is gone does. */
  cut(): void {
    for (const socket of this.#live) socket.terminate();
  }

  #check(call: string, options: Options): void {
    for (const key of Object.keys(options)) {
      assert.ok(allowed[this.dialect][call]!.includes(key), `${call} knows no option ${key}`);
    }
    for (const key of ["success", "fail", "complete"]) {
      assert.ok(["undefined", "function"].includes(typeof options[key]), `${key} is a function`);
    }
  }

  /** Calls back how a call ended, later. */
  #settle(options: Options, how: "success" | "fail", result: unknown): void {
    queueMicrotask(() => {
      (options[how] as Callback | undefined)?.(result);
      (options.complete as Callback | undefined)?.(result);
    });
  }

  /** Frames as this API wants them; throws for what a phone does not send. */
  #outgoing({ data, isBuffer: encoded }: Options): string | Uint8Array {
    if (typeof data === "string") {
      this.sent.push(encoded ? data.length : data);
      return encoded ? new Uint8Array(Buffer.from(data, "base64")) : data;
    }
    assert.ok(this.dialect === "wx" && isBuffer(data), "A phone sends text and ArrayBuffers alone");
    this.sent.push(data.byteLength);
    return new Uint8Array(data.slice(0));
  }

  #incoming(data: Uint8Array, binary: boolean): unknown {
    if (this.dialect === "wx") return { data: binary ? copyOf(data) : `${data}` };
    const text = Buffer.from(data).toString(binary ? "base64" : "utf8");
    return { data: { socketTaskID: "1", data: text, isBuffer: binary } };
  }

  #connect(options: Options): unknown {
    this.#check("connectSocket", options);
    const { url, protocols } = options as { url: string; protocols: string[] };
    assert.match(url, /^wss?:\/\//);
    assert.ok(Array.isArray(protocols) && protocols.every((one) => typeof one === "string"));
    assert.ok(this.dialect === "wx" || options.multiple === true, "Not the global socket");
    assert.ok(options.success ?? options.fail ?? options.complete, "uni gives no task otherwise");
    assert.ok(this.sockets < SOCKETS, `A phone has ${SOCKETS} sockets at most`);
    this.mostSockets = Math.max(this.mostSockets, ++this.sockets);
    this.#settle(options, "success", { errMsg: "connectSocket:ok" });

    const socket = new WebSocket(url, [...protocols]);
    socket.binaryType = "nodebuffer";
    this.#live.add(socket);
    const on = new Map<string, Callback>();
    let header: Record<string, string> = {};
    socket.on("upgrade", ({ headers }) => {
      header = this.#headers(headers as Record<string, string>);
    });
    socket.on(
      "open",
      () =>
        on.get("onOpen")?.(this.dialect === "wx" ? { header } : { data: { socketTaskID: "1" } }),
    );
    socket.on(
      "message",
      (data: Uint8Array, binary: boolean) => on.get("onMessage")?.(this.#incoming(data, binary)),
    );
    socket.on("error", ({ message }) =>
      on.get("onError")?.(
        this.dialect === "wx" ? { errMsg: message } : { error: 1, errorMessage: message },
      ));
    socket.on("close", (code, reason) => {
      this.sockets--;
      this.#live.delete(socket);
      const ending = this.dialect === "wx"
        ? { code, reason: `${reason}` }
        : { data: { socketTaskID: "1" } };
      if (!this.closesGlobally) on.get("onClose")?.(ending);
      for (const listener of this.#listeners.get("SocketClose")!) listener(ending);
    });
    const listen = (event: string) => (listener: Callback) => void on.set(event, listener);
    return Object.freeze({
      get readyState() {
        return socket.readyState;
      },
      onOpen: listen("onOpen"),
      onMessage: listen("onMessage"),
      onError: listen("onError"),
      onClose: listen("onClose"),
      send: (options: Options) => {
        this.#check("send", options);
        const data = this.#outgoing(options);
        if (socket.readyState !== WebSocket.OPEN) {
          return this.#settle(options, "fail", { errMsg: "sendSocketMessage:fail not connected" });
        }
        socket.send(data);
        this.#settle(options, "success", { errMsg: "sendSocketMessage:ok" });
      },
      close: (options: Options) => {
        this.#check("close", options);
        if (socket.readyState !== WebSocket.OPEN) {
          // A phone does not close a socket that is not open yet.
          return this.#settle(options, "fail", { errMsg: "closeSocket:fail not connected" });
        }
        const { code, reason } = options as { code: number; reason: string };
        assert.ok(code === 1000 || code >= 3000 && code <= 4999, `A phone sends no code ${code}`);
        socket.close(code, reason);
        this.#settle(options, "success", { errMsg: "closeSocket:ok" });
      },
    });
  }

  /** Each platform and version writes the names of headers in its own way. */
  #headers(headers: Record<string, string>): Record<string, string> {
    const ways = [
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
      (name: string) => name.replace(/(^|-)\w/g, (start) => start.toUpperCase()),
    ];
    const way = ways[this.#headersSeen++ % ways.length]!;
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [way(name), value]));
  }

  #request(options: Options): unknown {
    this.#check("request", options);
    const { url, method, data, dataType } = options as Record<string, string>;
    const header = (options.header ?? options.headers ?? {}) as Record<string, string>;
    assert.match(url!, /^https?:\/\//);
    assert.ok(!Object.keys(header).some((name) => /^referer$/i.test(name)), "Referer is forbidden");
    assert.ok(data === undefined || typeof data === "string" || isBuffer(data), "No such data");
    assert.ok(this.requests < REQUESTS, `A phone makes ${REQUESTS} requests at most`);
    this.requests++;
    const bytes = (this.dialect === "wx" ? options.responseType : dataType) === "arraybuffer";
    const done = (how: "success" | "fail", result: unknown) => {
      this.requests--;
      this.#settle(options, how, result);
    };
    const request = httpRequest(url!, { method: method!, headers: header }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        const status = response.statusCode!;
        const headers = this.#headers(response.headers as Record<string, string>);
        const data = bytes ? copyOf(body) : body.toString();
        if (this.dialect === "wx") {
          return done("success", { data, statusCode: status, header: headers });
        }
        // Alipay calls it a failure.
        if (status < 400) return done("success", { data, status, headers });
        done("fail", { error: 19, errorMessage: "http status error", data, status, headers });
      });
    });
    request.on(
      "error",
      ({ message }) => done("fail", { errMsg: `request:fail ${message}`, errorMessage: message }),
    );
    request.end(isBuffer(data) ? new Uint8Array(data) : data);
    return { abort: () => request.destroy(new Error("abort")) };
  }
}
