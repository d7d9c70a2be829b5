import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IncomingMessage } from "node:http";
import { peerOf, trustRanges } from "../../../server/runtimes/peer.ts";

describe("the ranges of trusted proxies", () => {
  it("match addresses and CIDR ranges of both families", () => {
    const trust = trustRanges(["10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1"]);
    for (const address of ["10.1.2.3", "192.168.1.7", "fd00::1", "::1"]) {
      assert.ok(trust(address), address);
    }
    for (const address of ["11.0.0.1", "192.168.1.8", "fe80::1", "::2", "", "nonsense"]) {
      assert.ok(!trust(address), address);
    }
  });

  it("trust nobody when there are none", () => assert.ok(!trustRanges([])("127.0.0.1")));

  for (const range of ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "localhost"]) {
    it(`refuse ${JSON.stringify(range)}`, () =>
      assert.throws(() => trustRanges([range]), {
        name: "TypeError",
        message: `Not an address or a CIDR range: ${range}`,
      }));
  }
});

describe("the address of a peer", () => {
  const trust = trustRanges(["127.0.0.1", "10.0.0.0/8"]);
  const addressOf = (forwarded: string | undefined, remoteAddress = "127.0.0.1") => {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    return peerOf({ headers, socket: { remoteAddress } } as unknown as IncomingMessage, trust)
      .address;
  };

  for (
    const [forwarded, address] of [
      [undefined, "127.0.0.1"],
      ["203.0.113.9", "203.0.113.9"],
      ["6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
      ["::ffff:203.0.113.9", "203.0.113.9"],
      ["10.0.0.1, 10.0.0.2", "10.0.0.1"],
      ["6.6.6.6, unknown", "127.0.0.1"],
      ["6.6.6.6:80, 203.0.113.9:1234", "203.0.113.9"],
      ["203.0.113.9:1234, 10.1.2.3:80", "203.0.113.9"],
      ["[2001:db8::7]:443", "2001:db8::7"],
      ["[2001:db8::7]", "2001:db8::7"],
      ["2001:db8::7", "2001:db8::7"],
      ["6.6.6.6, [unknown]:1", "127.0.0.1"],
      ["", "127.0.0.1"],
    ] as const
  ) {
    it(`is ${address} behind a trusted proxy that says ${JSON.stringify(forwarded)}`, () =>
      assert.equal(addressOf(forwarded), address));
  }

  it("is the socket's where that is no trusted proxy's", () =>
    assert.equal(addressOf("203.0.113.9", "198.51.100.1"), "198.51.100.1"));
});
