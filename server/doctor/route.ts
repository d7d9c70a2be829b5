/**
 * Whether the server says where to connect, and names an address that clients can reach.
 *
 * @module
 */
import { type Answer, ask, isPrivate, isThisMachine, jsonOf } from "./ask.ts";
import { DEFAULT_APP, failed, type Finding, ok, skipped, type Subject } from "./finding.ts";

/** What is known of the way to the server. */
export interface Route {
  /** What was found. */
  readonly finding: Finding;
  /** Where to connect; `undefined` where no Curlew answers. */
  readonly address?: URL;
  /** What was answered. */
  readonly answer?: Answer;
}

/** The WebSocket's address beside an HTTP address. */
function beside(url: URL): URL {
  const address = new URL(url);
  address.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return address;
}

const path = ({ pathname }: URL): string => pathname.replace(/\/*$/, "/");

/** What is wrong with the address that the server names, and how to mend it. */
export function addressFault(url: URL, named: URL): Finding | undefined {
  const publicUrl = `Start the server with --public-url ${url.href.replace(/\/$/, "")}`;
  if (url.protocol === "https:" && named.protocol === "ws:") {
    return failed(
      `it names ${named.href}, without TLS`,
      `${publicUrl}; or have the proxy set X-Forwarded-Proto, and name it in --trust-proxy`,
    );
  }
  if (isPrivate(named) && !isPrivate(url)) {
    return failed(
      `it names ${named.href}, which clients elsewhere can't reach`,
      `${publicUrl}; or have the proxy pass the Host on (proxy_set_header Host $http_host)`,
    );
  }
  if (named.hostname !== url.hostname) return undefined;
  if (beside(url).port !== named.port) {
    return failed(
      `it names ${named.href}, another port than ${url.host}`,
      `${publicUrl}; or have the proxy pass the port on (proxy_set_header Host $http_host, not $host)`,
    );
  }
  if (path(url) !== path(named)) {
    return failed(`it names ${named.href}, another path than ${url.pathname}`, publicUrl);
  }
  return undefined;
}

/** What an answer without a route means. */
function fault(subject: Subject, { status, headers, text }: Answer): Route {
  const { url, app } = subject;
  const { code, error } = jsonOf(text);
  const address = beside(url);
  if (code === 4100) {
    return {
      address,
      finding: app === DEFAULT_APP
        ? skipped(`it answers, and does not know the app ${app}: give one with --app`)
        : failed(`it does not know the app ${app}`, "Give the server that app in --apps FILE"),
    };
  }
  if (status === 403 && typeof error === "string" && /development app/.test(error)) {
    return {
      finding: failed(
        "it serves this machine alone, since it was given no app",
        "Start the server with --apps FILE and --public-url",
      ),
    };
  }
  if (status >= 300 && status < 400) {
    return {
      finding: failed(
        `it redirects to ${headers.location ?? "nowhere"}`,
        "Give clients the address that it redirects to: WebSockets follow no redirect",
      ),
    };
  }
  if (status === 502 || status === 503 || status === 504) {
    return {
      finding: failed(
        `the proxy answers with ${status}`,
        "Check that the server runs, and that the proxy looks for it at its --host and --port",
      ),
    };
  }
  const what = typeof error === "string" ? `${status}, ${error}` : `${status} and no route`;
  return {
    finding: failed(
      `it answers with ${what}`,
      `Check that ${url.href} is passed on to the server, with the path that follows it`,
    ),
  };
}

/** Asks for the route, and looks at what it names. */
export async function checkRoute(subject: Subject): Promise<Route> {
  const { url, app } = subject;
  let answer: Answer;
  try {
    const router = new URL(`v1/route?appId=${encodeURIComponent(app)}`, url);
    answer = await ask(router, {}, subject);
  } catch (error) {
    return {
      finding: failed(
        `nobody answers at ${url.host}: ${(error as Error).message}`,
        "Check the address and the firewall, and that the server runs",
      ),
    };
  }
  const { server } = jsonOf(answer.text);
  if (answer.status !== 200 || typeof server !== "string" || !URL.canParse(server)) {
    return { answer, ...fault(subject, answer) };
  }
  const named = new URL(server);
  const wrong = addressFault(url, named);
  const insecure = url.protocol === "http:" && !isThisMachine(url) ? ", without TLS" : "";
  return {
    answer,
    address: wrong ? beside(url) : named,
    finding: wrong ?? ok(`it names ${named.href}${insecure}`),
  };
}
