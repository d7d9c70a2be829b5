/**
 * A network between a client of HTTP and its server that loses, repeats, delays, cuts and forges
 * answers, as chance has it.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { answerOf, type ModelAnswer, type ModelRequest } from "./long_poll_model.ts";

type Handle = (request: ModelRequest) => Promise<ModelAnswer>;

/** What befalls a request instead of a plain answer. */
type Fault = (request: ModelRequest, handle: Handle, net: Net) => Promise<ModelAnswer>;

interface Net {
  readonly cache: Cache;
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const lost = (): never => {
  throw new TypeError("The network failed");
};

const badGateway = () => answerOf(502, "<html>Bad gateway", { "Content-Type": "text/html" });

/** Answers by their addresses, as a cache that heeds nobody keeps them. */
type Cache = Map<string, ModelAnswer>;

/** What may go wrong. */
export const faults: Readonly<Record<string, Fault>> = {
  "is lost on its way": () => Promise.resolve().then(lost),
  "is lost on its way back": (request, handle) => handle(request).then(lost),
  "never ends": () => new Promise(() => {}),
  "is answered by a proxy": () => Promise.resolve(badGateway()),
  "is answered by a proxy, and arrives": (request, handle) => handle(request).then(badGateway),
  "is answered with a login page": () =>
    Promise.resolve(answerOf(200, "<html>Welcome", { "Content-Type": "text/html" })),
  "arrives twice": async (request, handle, { random, wait }) => {
    const first = handle(request);
    void wait(random() * 3_000).then(() => handle(request));
    return await first;
  },
  "arrives twice, and the second answer counts": async (request, handle, { random, wait }) => {
    void handle(request);
    await wait(random() * 3_000);
    return await handle(request);
  },
  "is answered late": async (request, handle, { random, wait }) => {
    const answer = await handle(request);
    await wait(random() * 15_000);
    return answer;
  },
  "comes late": async (request, handle, { random, wait }) => {
    await wait(random() * 15_000);
    return await handle(request);
  },
  "is answered out of a cache": async (request, handle, { cache }) => {
    const answer = cache.get(request.path) ?? await handle(request);
    cache.set(request.path, answer);
    return answer;
  },
  "is answered in part": async (request, handle, { random }) => {
    const answer = await handle(request);
    const body = new Uint8Array(await answer.arrayBuffer());
    const part = body.slice(0, Math.floor(random() * body.length));
    const type = answer.headers.get("Content-Type") ?? "";
    return answerOf(answer.status, part, { "Content-Type": type });
  },
  "is cut when it idles": async (request, handle, { wait }) =>
    await Promise.race([handle(request), wait(6_000).then(lost)]),
};

/** How bad it is: the part of the requests that something befalls. */
export interface UnreliableOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** From 0 to 1; may change. */
  readonly badness: () => number;
}

/** Puts that network before a server. */
export function unreliable(
  handle: Handle,
  { clock, random, badness }: UnreliableOptions,
): Handle {
  const all = Object.values(faults);
  const net: Net = {
    cache: new Map(),
    random,
    wait: (ms) => new Promise((done) => void clock.after(ms, done)),
  };
  return async (request) => {
    await net.wait(random() * 100);
    const fault = random() < badness() && all[Math.floor(random() * all.length)];
    const answer = fault ? await fault(request, handle, net) : await handle(request);
    await net.wait(random() * 100);
    return answer;
  };
}
