/**
 * One request of long-poll: posts a body, reads what is answered, and says what a refusal means.
 *
 * @module
 */
import { makeAbort } from "../src/environment/abort.ts";
import type { BodyFetch, Clock } from "../src/environment/mod.ts";
import { TransportError } from "../src/protocol/errors.ts";
import { contentType } from "../src/protocol/long_poll.ts";
import type { Frame } from "../src/protocol/transport.ts";

/** What requests are made with. */
export interface Requester {
  readonly fetch: BodyFetch;
  readonly clock: Clock;
}

/** What was answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | null;
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

/** Posts a body; without `patience`, in ms, the answer may take as long as it likes. */
export function post(
  { fetch, clock }: Requester,
  url: string,
  body: Frame,
  headers: Record<string, string> = {},
  patience?: number,
): Posted {
  const { signal, abort } = makeAbort();
  const work = async (): Promise<Answer> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "Content-Type": contentType(body) },
      body: body as string | Uint8Array<ArrayBuffer>,
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      ...signal && { signal },
    });
    const header = (name: string) => response.headers.get(name);
    const type = header("Content-Type") ?? "";
    return {
      status: response.status,
      header,
      body: type.startsWith("application/octet-stream")
        ? new Uint8Array(await response.arrayBuffer())
        : await response.text().then((text) =>
          type.startsWith("application/json") ? text : undefined
        ),
    };
  };
  let giveUp = () => {};
  const given = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(new Error("No answer in time"));
      abort();
    };
  });
  const timer = patience === undefined ? undefined : clock.after(patience, giveUp);
  return { answer: Promise.race([work(), given]).finally(() => timer?.cancel()), giveUp };
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
function retryAfter(value: string | null, { now }: Clock): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return ms >= 0 ? Math.min(ms, LONGEST_WAIT) : undefined;
}

/** What to do about a status, by its first digits. */
const remedies: readonly (readonly [status: RegExp, remedy: string])[] = [
  [/^40[45]/, "no long-poll is served here; check the address and the path of the proxy before it"],
  [/^40[13]/, "it lets nobody in from here; check its list of origins and the proxy before it"],
  [/^5/, "it or the proxy before it fails; check that the server runs"],
];

/** Why an attempt to open failed that was answered with anything but a channel. */
export function refusal(url: string, answer: Answer, clock: Clock): TransportError {
  const { status, header, body } = answer;
  const { code, error, protocols } = jsonOf(body);
  const said = typeof error === "string" ? ` (${error})` : "";
  const details = { status, ...typeof code === "number" && { code } };
  if (status === 0 || status >= 300 && status < 400) {
    const place = header("Location");
    const to = place ? `to ${place}` : "to an address that is hidden from this program";
    const message = `${url} redirects ${to}: connect to that address instead`;
    return new TransportError("refused", message, details);
  }
  if (status < 300) {
    const message = `${url} answered with something else than a channel: ` +
      "check the address; networks with a login page answer like this too";
    return new TransportError("not-curlew", message, details);
  }
  if (Array.isArray(protocols)) {
    const message = `${url} speaks ${protocols.join(", ")} alone: use a codec that it knows`;
    return new TransportError("subprotocol", message, details);
  }
  if (status === 429 || status === 503) {
    const wait = retryAfter(header("Retry-After"), clock);
    const message = `${url} is busy${said}: try again later`;
    return new TransportError("busy", message, { ...details, retryAfter: wait });
  }
  const [, remedy = "check the address"] = remedies.find(([of]) => of.test(String(status))) ?? [];
  return new TransportError("refused", `${url} answered with ${status}${said}: ${remedy}`, details);
}
