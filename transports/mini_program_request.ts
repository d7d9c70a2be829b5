/**
 * A mini program's `request` as `fetch`.
 *
 * @module
 */
import type { FetchAnswer, FetchInit } from "../src/environment/mod.ts";
import { decodeUtf8 } from "../src/environment/utf8.ts";
import {
  exactBuffer,
  type Failure,
  headerOf,
  type Headers,
  reasonOf,
} from "./mini_program_host.ts";

/** An answer; some platforms have other names, and some call it a failure where its status is one. */
interface Answer extends Failure {
  readonly data?: unknown;
  readonly statusCode?: number;
  readonly status?: number;
  readonly header?: Headers;
  readonly headers?: Headers;
}

/** The part of a mini program's API that makes requests. */
export interface RequestHost {
  request(options: {
    url: string;
    method: string;
    data?: string | ArrayBuffer;
    header?: Record<string, string>;
    headers?: Record<string, string>;
    dataType: string;
    responseType?: string;
    timeout: number;
    success: (answer: Answer) => void;
    fail: (answer: Answer) => void;
  }): { readonly abort?: () => void } | undefined;
}

/** What a request of a mini program is answered with. */
export interface MiniProgramAnswer extends FetchAnswer {
  /** The body, as text. */
  readonly text: () => Promise<string>;
  /** The body, as bytes. */
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}

/** Makes requests, as `fetch` does. */
export type MiniProgramFetch = (url: string, init?: FetchInit) => Promise<MiniProgramAnswer>;

/** Longer than a server holds a poll, in ms: the usual 30 s of some platforms are short. */
const TIMEOUT = 60_000;

function answerOf(status: number, { data, header, headers = header }: Answer): MiniProgramAnswer {
  const isBuffer = Object.prototype.toString.call(data) === "[object ArrayBuffer]";
  const bytes = isBuffer ? new Uint8Array(data as ArrayBuffer) : undefined;
  const text = () => {
    if (bytes) return decodeUtf8(bytes, 0, bytes.length);
    if (data === undefined || data === null) return "";
    return typeof data === "string" ? data : JSON.stringify(data); // Some parse what they like.
  };
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => headerOf(headers, name) ?? null },
    text: () => Promise.resolve(text()),
    json: () => Promise.resolve().then(() => JSON.parse(text())),
    arrayBuffer: () =>
      bytes
        ? Promise.resolve(exactBuffer(bytes))
        : Promise.reject(new TypeError("This platform gives no bytes: use textOnly(longPoll(…))")),
  };
}

/** Makes requests by a mini program's `request`. */
export function fetchOf(host: RequestHost, isAlipay: boolean): MiniProgramFetch {
  return (url, { method = "GET", headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        reject(new Error("The request was given up"));
        task?.abort?.();
      };
      const settle = (answer: Answer) => {
        signal?.removeEventListener("abort", abort);
        const status = answer.statusCode ?? answer.status;
        if (status) resolve(answerOf(status, answer));
        else reject(new Error(reasonOf(answer)));
      };
      const task = host.request({
        url,
        method,
        ...body !== undefined && { data: typeof body === "string" ? body : exactBuffer(body) },
        // Anything but JSON, so that the platform does not parse it.
        ...isAlipay
          ? { headers, dataType: "arraybuffer" }
          : { header: headers, dataType: "text", responseType: "arraybuffer" },
        timeout: TIMEOUT,
        success: settle,
        fail: settle,
      });
      signal?.addEventListener("abort", abort);
    });
}
