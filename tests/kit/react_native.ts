/**
 * What a React Native app finds around it, as far as Curlew looks at it.
 *
 * @module
 */
import assert from "node:assert/strict";
import vm from "node:vm";

/** React Native's `AppState`: it knows its state before it tells of it. */
export class AppState {
  currentState: string | null = "active";
  readonly #listeners = new Set<(state: string) => void>();

  addEventListener(type: "change", listener: (state: string) => void): { remove: () => void } {
    assert.equal(type, "change");
    this.#listeners.add(listener);
    return { remove: () => void this.#listeners.delete(listener) };
  }

  /** The system says that this is the app's state now. */
  become(state: string): void {
    this.currentState = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }
}

/** NetInfo: it tells a new listener at once what it knows. */
export class NetInfo {
  readonly #listeners = new Set<(state: { isConnected: boolean | null }) => void>();

  constructor(public isConnected: boolean | null = null) {}

  addEventListener(listener: (state: { isConnected: boolean | null }) => void): () => void {
    this.#listeners.add(listener);
    listener({ isConnected: this.isConnected });
    return () => void this.#listeners.delete(listener);
  }

  /** The network is there, or it is not. */
  become(isConnected: boolean | null): void {
    this.isConnected = isConnected;
    for (const listener of [...this.#listeners]) listener({ isConnected });
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }
}

/** What Hermes lacks, or lacked for long, and yet is in every context here. */
const lacking = `
  delete globalThis.Atomics;
  delete globalThis.FinalizationRegistry;
  delete globalThis.Iterator;
  delete globalThis.SharedArrayBuffer;
  delete globalThis.WebAssembly;
  delete globalThis.console;
  delete Array.fromAsync;
  delete ArrayBuffer.prototype.resize;
  delete ArrayBuffer.prototype.transfer;
  delete Map.groupBy;
  delete Object.groupBy;
  delete Promise.try;
  delete Promise.withResolvers;
  for (const name of ["toReversed", "toSorted", "toSpliced", "with"]) {
    delete Array.prototype[name];
    delete Uint8Array.prototype.__proto__[name];
  }
  for (const name of ["difference", "intersection", "isSubsetOf", "isSupersetOf", "union"]) {
    delete Set.prototype[name];
  }
  const iterator = [].values().__proto__.__proto__;
  for (const name of Object.getOwnPropertyNames(iterator)) {
    if (name !== "constructor") delete iterator[name];
  }
  for (const name of ["fromBase64", "fromHex"]) delete Uint8Array[name];
  for (const name of ["toBase64", "toHex", "setFromBase64"]) delete Uint8Array.prototype[name];
  for (const name of ["isWellFormed", "toWellFormed"]) delete String.prototype[name];
`;

/** React Native's WebSocket, in that realm: it takes and gives that realm's bytes, and tells of no buffer. */
function webSocketFor(Bytes: Uint8ArrayConstructor): unknown {
  return class {
    binaryType = "";
    onopen = (_: unknown) => {};
    onmessage = (_: unknown) => {};
    onerror = (_: unknown) => {};
    onclose = (_: unknown) => {};
    readonly #socket: WebSocket;

    constructor(url: string, protocols: string[]) {
      const socket = this.#socket = new WebSocket(url, [...protocols]);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => this.onopen({});
      socket.onmessage = ({ data }) =>
        this.onmessage({
          data: typeof data === "string" ? data : Bytes.from(new Uint8Array(data)).buffer,
        });
      socket.onerror = () => this.onerror({ message: "It failed" });
      socket.onclose = ({ code, reason }) => this.onclose({ code, reason });
    }

    get protocol(): string {
      return this.#socket.protocol;
    }

    send(data: string | Uint8Array): void {
      if (typeof data !== "string") assert.ok(data instanceof Bytes, "Bytes of another realm");
      this.#socket.send(typeof data === "string" ? data : Uint8Array.from(data));
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }
  };
}

/** What an app runs in: JavaScript without what Hermes lacks, timers, `fetch`, and a WebSocket. */
export function hermes(): vm.Context {
  const context = vm.createContext({ setTimeout, clearTimeout, setInterval, clearInterval });
  vm.runInContext(lacking, context);
  context.fetch = (url: string, init?: RequestInit) => fetch(url, init);
  context.AbortController = AbortController;
  context.WebSocket = webSocketFor(vm.runInContext("Uint8Array", context));
  return context;
}
