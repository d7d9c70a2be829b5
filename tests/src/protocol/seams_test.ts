/**
 * What the two seams forbid at compile time. `deno check` is the test: each line below a
 * `@ts-expect-error` must be an error.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type {
  AnyTransport,
  Cancel,
  Codec,
  Frame,
  Link,
  Transport,
} from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";

const any: Transport<Frame> = memory({ protocols: [], accept: () => assert.fail("Not opened") });
const text: Transport<string> = textOnly(any);

/** A transport and a codec whose frames it carries. */
const pair = <F extends Frame>(transport: Transport<F>, codec: Codec<F>) =>
  `${transport.name} ${codec.name}`;

describe("the types of the seams", () => {
  it("let any codec over a transport that carries anything", () => {
    assert.equal(pair(any, protobuf), `memory ${protobuf.name}`);
    assert.equal(pair(any, protobufText), `memory ${protobufText.name}`);
    assert.equal(pair(text, protobufText), `memory ${protobufText.name}`);
  });

  it("let no binary codec over a transport that carries text alone", () => {
    // @ts-expect-error: protobuf's frames are bytes
    pair(text, protobuf);
    // @ts-expect-error: and this codec's may be
    pair(text, protobuf as Codec);
  });

  it("let no bytes into a link that carries text alone", () => {
    const link: Link<string> = { protocol: "", pending: 0, send: () => {}, close: () => {} };
    link.send("text");
    // @ts-expect-error: bytes
    link.send(new Uint8Array());
    // @ts-expect-error: who may send anything needs a link that carries anything
    const wide: Link<Frame> = link;
    // @ts-expect-error: and who sends bytes one that carries them
    const bytes: Link<Uint8Array> = link;
    assert.equal(wide, bytes);
  });

  it("let no transport that carries text alone stand where any frame may be sent", () => {
    // @ts-expect-error: it carries text alone
    const wide: Transport<Frame> = text;
    const narrow: Transport<string> = any;
    const list: readonly AnyTransport[] = [any, text, wide, narrow];
    assert.equal(list.length, 4);
    assert.equal(textOnly(text).carries, "text");
  });

  it("make of a race what all in it carry", () => {
    const wide: Transport<Frame> = race([any, after(1, any)]);
    const narrow: Transport<string> = race([any, after(1, text)]);
    const one: Transport<string> = race([text]);
    // @ts-expect-error: one of them carries text alone
    const wrong: Transport<Frame> = race([any, text]);
    // @ts-expect-error: and one of these, though it is late
    const late: Transport<Frame> = race([any, after(1, text)]);
    const nested: Transport<Frame> = race([wide, after(1, race([any, any]))]);
    assert.deepEqual(
      [wide, narrow, one, wrong, late, nested].map(({ carries }) => carries),
      ["any", "text", "text", "text", "text", "any"],
    );
    // @ts-expect-error: protobuf's frames are bytes
    pair(narrow, protobuf);
    assert.equal(pair(wide, protobuf), `race ${protobuf.name}`);
  });

  it("take an AbortSignal where something may be cancelled", () => {
    const cancel: Cancel = new AbortController().signal;
    assert.equal(cancel.aborted, false);
  });
});
