/**
 * Opens one link: which address, transport and codecs to try next. One attempt tries every address
 * in random order and every transport at each, one after the other, until one answers.
 *
 * @module
 */
import type { Environment } from "../environment/mod.ts";
import type { Codec, ProtocolVersion } from "../protocol/codec.ts";
import { TransportError } from "../protocol/errors.ts";
import type { AnyTransport, Cancel, Frame, Receiver, Transport } from "../protocol/transport.ts";
import { Cancellation } from "./cancel.ts";
import type { Live } from "./state.ts";
import { whenAborted } from "./when_aborted.ts";

/** What an attempt may use. */
export interface DialOptions {
  /** The addresses. */
  readonly urls: readonly string[];
  /** The transports, the favourite first. */
  readonly transports: readonly AnyTransport[];
  /** The codecs, the favourite first. */
  readonly codecs: readonly Codec[];
  /** The version of the protocol. */
  readonly version: ProtocolVersion;
  /** How long one address may take over one transport, in ms. */
  readonly timeout: number;
  /** Gives the whole attempt up. */
  readonly cancel: Cancel;
}

/** The same in a random order. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item) => [random(), item] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}

/** Tries one address over one transport, with codecs whose frames it carries. */
async function dialOne(
  url: string,
  transport: AnyTransport,
  { version, timeout, cancel, ...options }: DialOptions,
  { clock }: Environment,
  accept: (live: Live) => Receiver,
): Promise<void> {
  const codecs = transport.carries === "any"
    ? options.codecs
    : options.codecs.flatMap((codec) => codec.frames === "text" ? codec : codec.text ?? []);
  const [favourite] = codecs;
  if (!favourite) {
    throw new TypeError(`The transport ${transport.name} carries text alone, and no codec is text`);
  }
  const byProtocol = new Map(codecs.map((codec) => [codec.subprotocol(version), codec]));
  const codecOf = (protocol: string) => byProtocol.get(protocol) ?? favourite;
  const attempt = new Cancellation();
  const giveUp = () => attempt.abort();
  const timer = clock.after(timeout, giveUp);
  const stopListening = whenAborted(cancel, giveUp);
  try {
    // What the codecs make is what it carries.
    await (transport as Transport<Frame>).open({
      url,
      protocols: [...byProtocol.keys()],
      cancelled: attempt,
      probe: (protocol) => codecOf(protocol).encode({ cmd: "echo", i: 0 }),
    }, (link) => {
      const codec = codecOf(link.protocol);
      return accept({
        transport: link.transport ?? transport.name,
        send: (command) => link.send(codec.encode(command)),
        decode: (frame) => codec.decode(frame),
        close: (code) => link.close(code),
      });
    });
  } finally {
    timer.cancel();
    stopListening();
  }
}

/**
 * Opens a link. `accept` is called once, with the first that opens.
 *
 * @throws The last failure, a `TransportError`; anything else, such as a `TypeError` about what the
 * platform lacks, at once.
 */
export async function dial(
  options: DialOptions,
  environment: Environment,
  accept: (live: Live) => Receiver,
): Promise<void> {
  let failure = new TransportError("unreachable", "There is no address to connect to");
  for (const url of shuffled(options.urls, environment.random)) {
    for (const transport of options.transports) {
      if (options.cancel.aborted) throw failure;
      try {
        return await dialOne(url, transport, options, environment, accept);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        environment.log.debug("An address did not answer", { url, error });
        failure = error;
      }
    }
  }
  throw failure;
}
