/**
 * One request of long-poll: posts a body, reads what is answered, and says what a refusal means.
 *
 * @module
 */
import { makeAbort } from "../src/environment/abort.ts";
import type { BodyFetch, Clock } from "../src/environment/mod.ts";
import { TransportError, type TransportFailure } from "../src/protocol/errors.ts";
import { contentType, secretHeader } from "../src/protocol/long_poll.ts";
import type { Frame } from "../src/protocol/transport.ts";

/** What requests are made with. */
export interface Requester {
  readonly fetch: BodyFetch;
  readonly clock: Clock;
}

/** What was answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  /** Its body, where it is of a kind that a server of Curlew answers with. */
  readonly body: Frame | undefined;
}

/** A request on its way. */
export interface Posted {
  /** Rejects where there was no answer, or no whole one. */
  readonly answer: Promise<Answer>;
  /** Makes `answer` reject now. */
  readonly giveUp: () => void;
}

/** Posts a body, perhaps with a channel's secret; the answer may take `patience` ms. */
export function post(
  { fetch, clock }: Requester,
  url: string,
  body: Frame,
  patience: number,
  secret?: string,
): Posted {
  const { signal, abort } = makeAbort();
  const ask = async (): Promise<Answer> => {
    // No `cache`: Workers of before 2024-11-11 throw at it, and no cache keeps what a POST was answered.
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": contentType(body), ...secret && { [secretHeader]: secret } },
      body: body as string | Uint8Array<ArrayBuffer>,
      redirect: "manual",
      credentials: "omit",
      ...signal && { signal },
    });
    const { status, headers } = response;
    const type = headers.get("Content-Type") ?? "";
    const isBytes = type.startsWith("application/octet-stream");
    // Whatever it is, it is read, so that its connection can be used again.
    const read = isBytes ? new Uint8Array(await response.arrayBuffer()) : await response.text();
    return {
      status,
      headers,
      body: isBytes || type.startsWith("application/json") ? read : undefined,
    };
  };
  let giveUp = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(new Error("No answer in time"));
      abort();
    };
  });
  const timer = clock.after(patience, giveUp);
  return { answer: Promise.race([ask(), givenUp]).finally(timer.cancel), giveUp };
}

/** A body as the JSON object that it should be; whatever else it is, an empty one. */
export function jsonOf(body: Frame | undefined): Readonly<Record<string, unknown>> {
  try {
    return Object(typeof body === "string" && JSON.parse(body));
  } catch {
    return {};
  }
}

/** The longest wait that a server may ask for, in ms. */
const LONGEST_WAIT = 300_000;

/** What `Retry-After` asks for, in ms: it counts seconds, or names a time. */
function waitOf(value: string | null, { now }: Clock): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return ms >= 0 ? Math.min(ms, LONGEST_WAIT) : undefined;
}

/** What kind of failure it is, and what to do about it. */
type Meaning = readonly [reason: TransportFailure, remedy: string];

/** What a status means; the first that fits. */
const meanings: readonly (readonly [RegExp, ...Meaning])[] = [
  [
    /^[12]/,
    "not-curlew",
    "that is no channel; check the address, and whether this network wants a login",
  ],
  [/429|503/, "busy", "try again later"],
  [/40[45]/, "refused", "no long-poll is served here; check the address and the proxy before it"],
  [/40[13]/, "refused", "check whom the server and the proxy before it let in"],
  [/^5/, "refused", "check that the server behind it runs"],
  [/^/, "refused", "check the address"],
];

/** Why an attempt to open failed that was answered with anything but a channel. */
export function refusal(
  url: string,
  { status, headers, body }: Answer,
  clock: Clock,
): TransportError {
  const { code, error, protocols } = jsonOf(body);
  const place = headers.get("Location");
  const [, ...ofStatus] = meanings.find(([statuses]) => statuses.test(`${status}`))!;
  const [reason, remedy]: Meaning = Array.isArray(protocols)
    ? ["subprotocol", `it speaks ${protocols.join(", ")}; use a codec that it knows`]
    : place || !status
    ? ["refused", `it redirects to ${place ?? "a place that is hidden"}; connect to that`]
    : ofStatus;
  const said = typeof error === "string" ? ` (${error})` : "";
  return new TransportError(reason, `${url} answered with ${status}${said}: ${remedy}`, {
    status,
    code: typeof code === "number" ? code : undefined,
    retryAfter: waitOf(headers.get("Retry-After"), clock),
  });
}
