import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseApp, readApps } from "../../server/apps.ts";

describe("an app on the command line", () => {
  it("is ID:KEY or ID:KEY:MASTERKEY, as LeanCloud has them", () => {
    assert.deepEqual(parseApp("FrjTBvs2uqUhiIlOxEUbx3Yq-gzGzoHsz:UtOCzqb67d3sN12Kts4URwy8"), {
      id: "FrjTBvs2uqUhiIlOxEUbx3Yq-gzGzoHsz",
      key: "UtOCzqb67d3sN12Kts4URwy8",
      login: "open",
    });
    assert.equal(parseApp("id:key:master").masterKey, "master");
  });

  for (
    const text of ["", "id", "id:", ":key", "id:key:", "a:b:c:d", "i d:key", "id:key,more:key"]
  ) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseApp(text), /ID:KEY/);
    });
  }
});

describe("a file of apps", () => {
  const app = { id: "id", key: "key", masterKey: "master" };

  it("is a list, in which login is open unless it says otherwise", () => {
    const text = JSON.stringify([app, { ...app, id: "two", login: "signed" }]);
    assert.deepEqual(readApps(text).map(({ login }) => login), ["open", "signed"]);
    const more = { roles: true, conversations: "signed", blacklist: "open" };
    assert.deepEqual(readApps(JSON.stringify([{ ...app, ...more }])), [
      { ...app, login: "open", ...more },
    ]);
    assert.throws(() => readApps(JSON.stringify([{ ...app, blacklist: true }])), /blacklist/);
    assert.throws(() => readApps(JSON.stringify([{ ...app, roles: "yes" }])), /roles/);
  });

  for (
    const [what, text, message] of [
      ["no JSON", "{", /not JSON/],
      ["no list", "{}", /array/],
      ["an empty list", "[]", /at least one/],
      [
        "a missing key",
        JSON.stringify([{ id: "id", masterKey: "m" }]),
        /^0\.key: "key" is missing$/,
      ],
      ["an empty id", JSON.stringify([{ ...app, id: "" }]), /0\.id/],
      ["a key that is no string", JSON.stringify([app, { ...app, id: "b", key: 1 }]), /1\.key/],
      ["an unknown login", JSON.stringify([{ ...app, login: "maybe" }]), /0\.login/],
      [
        "a name that it does not know",
        JSON.stringify([{ ...app, logn: "open" }]),
        /^0\.logn: There is no setting "logn", only id, key, .*login/,
      ],
      ["an app that is none", "[7]", /^0: An app must be an object$/],
      ["an id twice", JSON.stringify([app, app]), /twice/],
    ] as const
  ) {
    it(`is refused with ${what}, and says where`, () => {
      assert.throws(() => readApps(text), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }
});
