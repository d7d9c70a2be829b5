/**
 * Whether a link stays that nobody says anything on.
 *
 * @module
 */
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Clock } from "@curlew/realtime/environment";
import { type Closed, type Codec, ErrorCode, type Transport } from "@curlew/realtime/protocol";
import { failed, type Finding, ok, skipped, type Subject } from "./finding.ts";
import { openTalk, type Talk } from "./talk.ts";

/** How long the server lets a socket live on which nobody has logged in, in ms, or a bit less. */
const UNKNOWN_FOR = 55_000;

/** Logs in, so that the server keeps the link. Returns whether it let anybody in. */
async function logIn(talk: Talk, app: string): Promise<boolean> {
  try {
    const { op } = await talk.request({
      cmd: "session",
      op: "open",
      appId: app,
      peerId: `curlew-doctor-${crypto.randomUUID()}`,
      sessionMessage: { ua: "curlew-doctor", r: false },
    });
    return op === "opened";
  } catch {
    return false;
  }
}

/** A link that somebody has logged in on, or, where the app asks for a signature, nobody. */
async function settle(open: () => Promise<Talk>, app: string): Promise<Talk> {
  const talk = await open();
  if (await logIn(talk, app)) return talk;
  await talk.close();
  return await open();
}

function idle(talk: Talk, ms: number, clock: Clock): Promise<Closed | undefined> {
  return new Promise((done) => {
    const timer = clock.after(ms, () => done(undefined));
    void talk.ended.then((why) => {
      timer.cancel();
      done(why);
    });
  });
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** Leaves a link alone for a while, and then has a command answered over it. */
export async function checkIdle(
  { transport, codec = protobuf, address }: {
    readonly transport: Transport;
    readonly codec?: Codec;
    readonly address: URL;
  },
  { app, idle: time, clock }: Subject,
): Promise<Finding> {
  const remedy =
    `Raise how long the proxy, the load balancer and the firewall keep a silent connection, to 90 s ` +
    "or more; nginx: proxy_read_timeout 90s; proxy_send_timeout 90s;";
  try {
    const talk = await settle(() => openTalk(transport, address.href, codec, clock), app);
    try {
      const since = clock.now();
      const why = await idle(talk, time, clock);
      const lasted = clock.now() - since;
      if (why?.code === ErrorCode.LOGIN_TIMEOUT) {
        const says = `open for ${seconds(lasted)}, when the server closed it as nobody logged in`;
        return lasted >= UNKNOWN_FOR ? ok(says) : skipped(says);
      }
      if (why) return failed(`cut after ${seconds(lasted)} of silence (${why.code})`, remedy);
      await talk.request({ cmd: "echo" });
      return ok(`open after ${seconds(lasted)} of silence`);
    } finally {
      await talk.close();
    }
  } catch (error) {
    return failed(`no answer after the silence: ${(error as Error).message}`, remedy);
  }
}
