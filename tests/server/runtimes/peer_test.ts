import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { trustRanges } from "../../../server/runtimes/peer.ts";

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
