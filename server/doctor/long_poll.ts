/** Whether long-poll gets through, for who can't have a WebSocket. @module */
import { json } from "@curlew/realtime/codecs/json";
import type { Transport, TransportError } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { failed, type Finding, ok, type Subject } from "./finding.ts";
import { openTalk } from "./talk.ts";

/** The transport that is examined. It trusts whom the platform trusts. */
export const pollTransport = ({ clock }: Subject): Transport => longPoll({ clock });

/** Opens a channel as clients do, and has a frame answered over it. */
export async function checkLongPoll(address: URL, subject: Subject): Promise<Finding> {
  const { clock } = subject;
  const place = `requests by POST to …${address.pathname.replace(/\/*$/, "/lp")}`;
  let talk;
  try {
    talk = await openTalk(pollTransport(subject), address.href, json, clock);
  } catch (error) {
    const { message } = error as TransportError;
    return failed(message, `Have the proxy pass ${place} on to the server, and what follows it`);
  }
  const before = clock.now();
  try {
    await talk.request({ cmd: "echo" });
    return ok(`a command is answered in ${clock.now() - before} ms`);
  } catch (error) {
    return failed(
      `a channel opens, and a command has no answer: ${(error as Error).message}`,
      `Have the proxy pass ${place}/ID/send and /poll on, with the header Curlew-Secret, ` +
        "unbuffered and for 30 s at least (proxy_buffering off; proxy_read_timeout 90s)",
    );
  } finally {
    await talk.close();
  }
}
