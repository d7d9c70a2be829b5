import type { Accept, Receiver, Transport } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { type MakeRig, transportContract } from "../contract/transport.ts";
import { longPollRig, memoryRig, webSocketRig } from "./rigs.ts";

/** The other side behind a server: it answers the question, and only then there is a link for it. */
function answering(accept: Accept): Accept {
  return (link) => {
    let receiver: Receiver | undefined;
    return {
      frame: (frame) => {
        if (receiver) return receiver.frame(frame);
        link.send(frame);
        receiver = accept(link);
      },
      closed: (why) => receiver?.closed(why),
    };
  };
}

const raced = (make: MakeRig): MakeRig => (otherSide) =>
  make({ ...otherSide, accept: answering(otherSide.accept) });

/** A transport that nobody can open. */
const failing = memory({ protocols: [], accept: answering(() => ({} as Receiver)) });

/** One whose links open, and carry nothing. */
const swallowing = (protocols: readonly string[]): Transport =>
  memory({ protocols, accept: () => ({ frame: () => {}, closed: () => {} }) });

transportContract(
  "race that the first wins",
  raced(memoryRig((transport) => race([transport, after(1_000, failing)]))),
);
transportContract(
  "race that the second wins, since the first fails",
  raced(memoryRig((transport) => race([failing, after(1_000, transport)]))),
);
transportContract(
  "race that the second wins, since the first swallows what it carries",
  async (otherSide) => {
    const swallow = swallowing(otherSide.protocols);
    const rig = await raced(memoryRig((transport) => race([swallow, after(2, transport)])))(
      otherSide,
    );
    // Where something swallows all there is somebody, for all that this side can know.
    return { ...rig, nowhere: { transport: race([failing, after(2, failing)]), url: "" } };
  },
);
transportContract(
  "race of text alone",
  raced(webSocketRig((transport) => race([textOnly(transport), after(1_000, failing)]))),
);
transportContract(
  "race of WebSockets",
  raced(webSocketRig((transport) => race([transport, after(1_000, transport)]))),
);
transportContract(
  "race that long-poll wins",
  raced(longPollRig((transport) => race([failing, after(1_000, transport)]))),
);
