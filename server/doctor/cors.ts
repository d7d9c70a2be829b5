/** Whether a page of another origin may ask the server. @module */
import { secretHeader } from "@curlew/realtime/protocol";
import { type Answer, ask, isThisMachine } from "./ask.ts";
import { failed, type Finding, ok, type Subject } from "./finding.ts";

/** What pages ask for, with the headers that clients send there. */
const asked = [
  { path: "v1/route", method: "GET", headers: ["x-lc-id", "x-lc-key", "x-lc-ua"] },
  { path: "lp", method: "POST", headers: ["content-type", secretHeader.toLowerCase()] },
] as const;

const remedy = "Have the proxy pass requests by OPTIONS on to the server and its answers back, " +
  "with no Access-Control-… headers of its own (remove add_header)";

const list = (header: unknown): string[] => `${header ?? ""}`.toLowerCase().split(/\s*,\s*/);

/** What is wrong with the answer to a preflight. */
function fault(
  { path, headers }: typeof asked[number],
  origin: string,
  answer: Answer,
): string | undefined {
  if (answer.status < 200 || answer.status > 299) {
    return `a preflight of ${path} is answered with ${answer.status}`;
  }
  const origins = list(answer.headers["access-control-allow-origin"]);
  if (origins.length > 1) return `${path} allows its origin twice, which browsers refuse`;
  if (!["*", origin].includes(origins[0] ?? "")) return `${path} allows no page elsewhere`;
  const allowed = list(answer.headers["access-control-allow-headers"]);
  const missing = headers.find((name) => !allowed.includes(name) && !allowed.includes("*"));
  return missing && `${path} does not allow the header ${missing}`;
}

/** Asks as a browser does for a page of another origin. */
export async function checkCors(subject: Subject): Promise<Finding> {
  const { url } = subject;
  // The development app answers pages of this machine alone.
  const origin = isThisMachine(url) ? "http://localhost" : "https://example.com";
  for (const question of asked) {
    const headers = {
      "Origin": origin,
      "Access-Control-Request-Method": question.method,
      "Access-Control-Request-Headers": question.headers.join(","),
    };
    try {
      const answer = await ask(
        new URL(question.path, url),
        { method: "OPTIONS", headers },
        subject,
      );
      const wrong = fault(question, origin, answer);
      if (wrong !== undefined) return failed(wrong, remedy);
    } catch (error) {
      return failed(`a preflight has no answer: ${(error as Error).message}`, remedy);
    }
  }
  return ok("pages of other origins may ask");
}
