/**
 * What a server is examined for, in order: what fails early keeps what depends on it from being
 * tried.
 *
 * @module
 */
import { checkCertificate } from "./certificate.ts";
import { checkClock } from "./clock.ts";
import { checkCors } from "./cors.ts";
import { type Finding, skipped, type Subject } from "./finding.ts";
import { checkIdle } from "./idle.ts";
import { checkLongPoll, pollTransport } from "./long_poll.ts";
import { checkRoute } from "./route.ts";
import { checkWebSocket, socketTransport } from "./web_socket.ts";

/** Told what each check found, as soon as it did. */
export type Report = (check: string, finding: Finding) => void;

/** Examines a server; resolves once all is reported. */
export async function examine(subject: Subject, report: Report): Promise<void> {
  if (subject.url.protocol === "https:") {
    const certificate = await checkCertificate(subject);
    report("certificate", certificate);
    if (certificate.state === "failed") {
      return report("the rest", skipped("clients that check certificates get no further"));
    }
  }
  const { finding, address, answer } = await checkRoute(subject);
  report("route", finding);
  if (!address || !answer) {
    return report("the rest", skipped("no server of Curlew answers there"));
  }
  report("clock", checkClock(answer, subject));
  report("CORS", await checkCors(subject));

  const { socket, echo } = await checkWebSocket(address, subject);
  report("WebSocket", socket);
  if (echo) report("echo", echo);
  const longPoll = await checkLongPoll(address, subject);
  report("long-poll", longPoll);

  const alive = [
    ...(echo?.state === "ok"
      ? [{ name: "idle WebSocket", transport: socketTransport(subject), address }]
      : []),
    ...(longPoll.state === "ok"
      ? [{ name: "idle long-poll", transport: pollTransport(subject), address }]
      : []),
  ];
  await Promise.all(alive.map(async ({ name, ...link }) => {
    report(name, await checkIdle(link, subject));
  }));
}
