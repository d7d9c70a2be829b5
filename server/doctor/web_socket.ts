/**
 * Whether a WebSocket gets through, with its subprotocol, and frames over it.
 *
 * @module
 */
// @ts-types="@types/ws"
import { type ClientOptions, WebSocket } from "ws";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import type { Transport } from "@curlew/realtime/protocol";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { type Answer, ask } from "./ask.ts";
import { failed, type Finding, ok, type Subject } from "./finding.ts";
import { openTalk } from "./talk.ts";

/** How long a close may take, in ms: what swallows frames swallows its answer too. */
const CLOSE_TIMEOUT = 1_000;

/** The transport that is examined, which trusts whom the subject trusts. */
export function socketTransport({ ca }: Subject): Transport {
  // The package's types do not know `closeTimeout` yet.
  const options: ClientOptions & { readonly closeTimeout: number } = {
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT,
    ...(ca && { ca }),
  };
  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, options);
    }
  }
  return webSocket({ WebSocket: Socket as unknown as WebSocketConstructor });
}

const upgradeRemedy = "Have the proxy pass the upgrade on; nginx: proxy_http_version 1.1; " +
  "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";
const subprotocolRemedy =
  "Have the proxy pass the header Sec-WebSocket-Protocol on, both ways, as it is";

/** What a handshake was answered with that failed, and how to mend it. */
function fault({ status, headers, text }: Answer): Finding {
  if (status === 101) {
    const chosen = headers["sec-websocket-protocol"];
    return chosen === undefined
      ? failed("the upgrade names no subprotocol, and browsers close it", subprotocolRemedy)
      : failed(
        `the upgrade is answered, with the subprotocol ${chosen}, and does not last`,
        "Look into the log of the proxy: it answers the upgrade and does not carry it",
      );
  }
  if (/subprotocol/.test(text)) {
    return failed("the server sees no subprotocol in the handshake", subprotocolRemedy);
  }
  if (/No WebSocket is served here/.test(text)) {
    return failed(
      "the server expects WebSockets at another path",
      "Start the server with the --public-url that clients are given, its path included",
    );
  }
  if (status >= 300 && status < 400) {
    return failed(
      `the handshake is redirected to ${headers.location ?? "nowhere"}`,
      "Name that address in --public-url: WebSockets follow no redirect",
    );
  }
  if (status >= 500) {
    return failed(
      `the handshake is answered with ${status}`,
      "Check that the server runs, and that the proxy looks for it at its --host and --port",
    );
  }
  if (status === 401 || status === 403) {
    return failed(
      `the handshake is refused with ${status}`,
      "Have the proxy, or the firewall before it, let WebSockets through",
    );
  }
  return failed(`the handshake is answered like a plain request, with ${status}`, upgradeRemedy);
}

/** Asks for an upgrade by hand, to see what became of it. */
async function diagnose(address: URL, subject: Subject, error: Error): Promise<Finding> {
  const headers = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": btoa("curlew's doctor!"),
    "Sec-WebSocket-Protocol": protobuf.subprotocol(3),
  };
  try {
    return fault(await ask(address, { headers }, subject));
  } catch (cause) {
    return failed(
      `${error.message} (${(cause as Error).message})`,
      "Check the address that the server names, and that the proxy and the firewall let " +
        "WebSockets through",
    );
  }
}

/** Opens a WebSocket as clients do, and has a frame answered over it. */
export async function checkWebSocket(
  address: URL,
  subject: Subject,
): Promise<{ readonly socket: Finding; readonly echo?: Finding }> {
  const transport = socketTransport(subject);
  let talk;
  try {
    talk = await openTalk(transport, address.href, protobuf, subject.clock);
  } catch (error) {
    return { socket: await diagnose(address, subject, error as Error) };
  }
  const socket = ok(`${address.href} speaks ${protobuf.subprotocol(3)}`);
  const before = subject.clock.now();
  try {
    await talk.request({ cmd: "echo" });
    return { socket, echo: ok(`a command is answered in ${subject.clock.now() - before} ms`) };
  } catch (error) {
    return {
      socket,
      echo: failed(
        `the WebSocket opens, and a command has no answer: ${(error as Error).message}`,
        "Something on the way answers the upgrade itself and swallows the frames: look for a " +
          "proxy that inspects or buffers (proxy_buffering off), and set it to pass them on",
      ),
    };
  } finally {
    await talk.close();
  }
}
