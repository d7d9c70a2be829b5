import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Message, MessageParser, TypedMessage } from "@curlew/realtime";
import {
  AudioMessage,
  FileMessage,
  ImageMessage,
  LocationMessage,
  richMessages,
  VideoMessage,
} from "@curlew/realtime/plugins/rich-messages";

const url = "https://files.example.com/cat.jpg";
const parser = new MessageParser(richMessages);

/** What arrives for what was sent. */
const received = (message: Message) => parser.parse(JSON.stringify(message.getPayload()));

describe("a message with a file", () => {
  it("goes out as LeanCloud's clients write it", () => {
    const metaData = { name: "cat.jpg", format: "jpg", size: 38_211, width: 640, height: 480 };
    const message = new ImageMessage(url, metaData).setText("My cat").setAttributes({
      draft: true,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(message.getPayload())), {
      _lctype: -2,
      _lctext: "My cat",
      _lcattrs: { draft: true },
      _lcfile: { url, metaData },
    });
  });

  it("arrives as its own class, and tells what it holds", async () => {
    const image = await received(
      new ImageMessage(url, { name: "cat.jpg", width: 640, height: 480 }),
    );
    assert.ok(image instanceof ImageMessage && image instanceof FileMessage);
    assert.deepEqual(
      [image.url, image.name, image.format, image.size, image.width, image.height],
      [url, "cat.jpg", undefined, undefined, 640, 480],
    );
    const file = await received(new FileMessage(url, { format: "jpg", size: 3 }));
    assert.equal(file.constructor, FileMessage);
    assert.deepEqual([(file as FileMessage).format, (file as FileMessage).size], ["jpg", 3]);
    for (const Class of [AudioMessage, VideoMessage]) {
      const message = await received(new Class(url, { duration: 2.5 }));
      assert.ok(message instanceof Class && message instanceof FileMessage);
      assert.equal(message.duration, 2.5);
    }
  });

  it("keeps what an app adds", async () => {
    const message = await received(new FileMessage(url, { camera: "Pinhole" }));
    assert.deepEqual((message as FileMessage).metaData, { camera: "Pinhole" });
  });

  it("is made of a file that is saved in a storage, with what is known of it", () => {
    const file = {
      id: "5f0",
      url: () => url,
      name: () => "cat.jpg",
      metaData: () => ({ size: 38_211, width: undefined }),
    };
    const message = new ImageMessage(file, { width: 640 });
    assert.deepEqual(message._lcfile, {
      objId: "5f0",
      url,
      metaData: { name: "cat.jpg", size: 38_211, width: 640 },
    });
    const same = message.getFile();
    assert.deepEqual([same.id, same.url(), same.name()], ["5f0", url, "cat.jpg"]);
    assert.deepEqual([same.metaData("size"), same.metaData()], [38_211, message.metaData]);
  });

  it("has a line that stands for it in a list", () => {
    assert.equal(new FileMessage(url).summary, "[文件]");
    assert.equal(new ImageMessage(url, { name: "cat.jpg" }).summary, "[图片] cat.jpg");
    assert.equal(new AudioMessage(url, { name: "meow.mp3" }).summary, "[语音] meow.mp3");
    assert.equal(new VideoMessage(url, { name: "cat.mp4" }).summary, "[视频] cat.mp4");
  });

  it("says as JSON what it holds, and comes back from its full JSON", async () => {
    const message = new ImageMessage(url, { name: "cat.jpg" });
    assert.deepEqual(message.toJSON().file, { url, metaData: { name: "cat.jpg" } });
    const again = await parser.parse(message.toFullJSON().data);
    assert.ok(again instanceof ImageMessage && again.name === "cat.jpg");
  });

  for (
    const [what, file, metaData, error] of [
      ["an empty address", "", {}, /^Argument file must be an address, or a file that is saved$/],
      ["no file", undefined, {}, /^Argument file/],
      ["null", null, {}, /^Argument file/],
      ["a file that lies nowhere", { url: () => undefined, metaData: () => undefined }, {}, /file/],
      ["a name that is none", url, { name: 1 }, /^Argument metaData.name must be a string, not 1$/],
      ["a negative size", url, { size: -1 }, /^Argument metaData.size must be a number, not -1$/],
      ["an endless width", url, { width: Infinity }, /^Argument metaData.width/],
    ] as const
  ) {
    it(`is not made of ${what}`, () => {
      assert.throws(() => new ImageMessage(file as never, metaData as never), (thrown) => {
        assert.ok(thrown instanceof TypeError);
        assert.match(thrown.message, error);
        return true;
      });
    });
  }
});

describe("a message with a place", () => {
  it("goes out as LeanCloud's clients write it, and arrives", async () => {
    const place = { latitude: 31.2304, longitude: -121.4737 };
    const message = new LocationMessage(place).setText("Here");
    assert.deepEqual(JSON.parse(JSON.stringify(message.getPayload())), {
      _lctype: -5,
      _lctext: "Here",
      _lcloc: place,
    });
    const arrived = await received(message);
    assert.ok(arrived instanceof LocationMessage);
    assert.deepEqual([arrived.latitude, arrived.longitude], [31.2304, -121.4737]);
    assert.deepEqual([arrived.getLocation(), arrived.summary], [place, "[位置] Here"]);
    assert.deepEqual(arrived.toJSON().location, place);
  });

  it("is on earth", () => {
    for (
      const [latitude, longitude, wrong] of [
        [90.1, 0, /^Argument place.latitude must be a number from -90 to 90, not 90.1$/],
        [0, -181, /^Argument place.longitude must be a number from -180 to 180, not -181$/],
        [NaN, 0, /latitude/],
        ["1", 0, /latitude/],
      ] as const
    ) {
      assert.throws(
        () => new LocationMessage({ latitude, longitude } as never),
        (thrown) => thrown instanceof TypeError && wrong.test(thrown.message),
      );
    }
    assert.throws(() => new LocationMessage(undefined as never), TypeError);
  });
});

describe("what arrives and is not as it should be", () => {
  const file = (_lcfile: unknown) => ({ _lctype: -2, _lcfile });
  const place = (_lcloc: unknown) => ({ _lctype: -5, _lcloc });
  const bad: readonly object[] = [
    { _lctype: -2 },
    ...[null, "x", [], {}, { url: "" }, { url: 7 }, { url, metaData: "x" }, { url, metaData: [] }]
      .map(file),
    ...[undefined, null, {}, { latitude: 1 }, { latitude: "1", longitude: 1 }].map(place),
    ...[{ latitude: 91, longitude: 0 }, { latitude: 0, longitude: 1e9 }].map(place),
  ];

  for (const content of bad) {
    it(`is left to the next class: ${JSON.stringify(content)}`, async () => {
      const message = await parser.parse(JSON.stringify(content));
      assert.equal(message.constructor, Message);
      assert.deepEqual(message.content, JSON.parse(JSON.stringify(content)));
    });
  }

  it("is taken where only an address is needed", async () => {
    for (const lcfile of [{ url }, { url, metaData: null, objId: null }, { url, objId: 1 }]) {
      const message = await parser.parse(JSON.stringify(file(lcfile)));
      assert.ok(message instanceof ImageMessage);
      assert.deepEqual([message.url, message.name, message.metaData], [url, undefined, {}]);
    }
  });

  it("is not told where it has another type than it should have", async () => {
    const metaData = { name: 1, format: {}, size: "12", width: -3, height: null };
    const image = await parser.parse<ImageMessage>(JSON.stringify(file({ url, metaData })));
    assert.ok(image instanceof ImageMessage);
    const { name, format, size, width, height } = image;
    assert.deepEqual(
      Object.values({ name, format, size, width, height }),
      Array(5).fill(undefined),
    );
    assert.deepEqual(image.metaData, metaData);
    assert.equal(image.summary, "[图片]");
  });
});

describe("richMessages", () => {
  it("is one plugin for all, and each class can be registered alone", async () => {
    assert.equal(richMessages.name, "rich-messages");
    const some = new MessageParser();
    some.register(ImageMessage);
    const parse = (message: Message) => some.parse(message.getPayload());
    assert.ok(await parse(new ImageMessage(url)) instanceof ImageMessage);
    assert.equal((await parse(new FileMessage(url))).constructor, Message);
  });

  it("gives way to an app's class of the same type", async () => {
    class Photo extends ImageMessage {
      get ratio(): number {
        return (this.width ?? 1) / (this.height ?? 1);
      }
    }
    const own = new MessageParser(richMessages);
    own.register(Photo);
    const photo = await own.parse(new ImageMessage(url, { width: 6, height: 3 }).getPayload());
    assert.ok(photo instanceof Photo && photo instanceof TypedMessage);
    assert.equal(photo.ratio, 2);
  });
});
