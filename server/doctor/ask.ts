/**
 * Plain HTTP requests, and requests for an upgrade, of which everything is to be seen that was
 * answered: more than `fetch` shows.
 *
 * @module
 */
import { type IncomingHttpHeaders, type IncomingMessage, request as plain } from "node:http";
import { request as secure, type RequestOptions } from "node:https";
import type { Subject } from "./finding.ts";

/** What was answered. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** Its headers; what came twice is joined by commas. */
  readonly headers: IncomingHttpHeaders;
  /** The beginning of its body; empty for an upgrade. */
  readonly text: string;
}

/** How to ask. */
export interface Question {
  /** GET by default. */
  readonly method?: string;
  /** What to say beside. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long an answer may take, in ms. */
export const PATIENCE = 10_000;
/** How much of a body is read. */
const ENOUGH = 65_536;

async function read(message: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, headers } = message;
  let text = "";
  for await (const part of message) {
    text += part;
    if (text.length > ENOUGH) break;
  }
  return { status: statusCode, headers, text };
}

/** Asks once, and follows no redirect; rejects where nobody answers. */
export function ask(
  url: URL,
  { method = "GET", headers = {} }: Question,
  { clock, ca }: Pick<Subject, "clock" | "ca">,
): Promise<Answer> {
  return new Promise((answered, failed) => {
    const options: RequestOptions = { method, headers, agent: false, ...(ca && { ca }) };
    const request = /^(?:https|wss):$/.test(url.protocol) ? secure : plain;
    const address = new URL(url);
    address.protocol = request === secure ? "https:" : "http:";
    const asked = request(address, options);
    const end = (settle: () => void) => {
      patience.cancel();
      settle();
      asked.destroy();
    };
    const patience = clock.after(
      PATIENCE,
      () => end(() => failed(new Error(`no answer within ${PATIENCE / 1_000} s`))),
    );
    asked.on("error", (error) => end(() => failed(error)));
    asked.on("response", (message) => {
      read(message).then(
        (answer) => end(() => answered(answer)),
        (error) => end(() => failed(error)),
      );
    });
    asked.on("upgrade", ({ statusCode = 0, headers }, socket) => {
      end(() => answered({ status: statusCode, headers, text: "" }));
      socket.destroy();
    });
    asked.end();
  });
}

/** The JSON object that a text is, or an empty one. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Hosts that nobody elsewhere can reach. */
const privateHosts =
  /^(?:[^.[]+|.*\.(?:local|internal|lan|home|localdomain)|(?:127|10|0|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+|\[(?:::1?|f[cd].*|fe[89ab].*)\])$/;

/** Whether a host is one that only this machine or its network can reach. */
export const isPrivate = ({ hostname }: URL): boolean => privateHosts.test(hostname);

/** Whether a host is this machine. */
export const isThisMachine = ({ hostname }: URL): boolean =>
  /^(?:localhost|127\..*|\[::1\])$/.test(hostname);
