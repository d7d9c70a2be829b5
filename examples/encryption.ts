/**
 * End-to-end encryption: what the server passes on and keeps is ciphertext, and who has no key can't
 * read it. A plugin's message decoder is all that it takes.
 *
 * Run it against a server of your own:
 *
 * ```sh
 * deno run --allow-net --allow-env examples/encryption.ts http://127.0.0.1:8450
 * ```
 *
 * It hides what messages say, and shows when something was changed, moved to another conversation or
 * put into another's mouth. It does not hide who talks to whom and when, can't tell that a message is
 * missing or comes a second time, and leaves open how members get their key: hand it over by a QR
 * code, or agree on one with `ECDH`.
 *
 * @module
 */
import {
  BinaryMessage,
  type DecoderContext,
  type Message,
  type MessageContent,
  type Plugin,
  Realtime,
  TextMessage,
} from "@curlew/realtime";

/** The key of a conversation; `undefined` for one that is not encrypted. */
export type KeyOf = (cid: string) => CryptoKey | undefined | Promise<CryptoKey | undefined>;

/** What a sealed content begins with: "sealed", the version, and whether text or bytes are in it. */
const TEXT = Uint8Array.of(0x73, 0x65, 0x61, 0x6c, 0x65, 0x64, 1, 0);
const BYTES = Uint8Array.of(0x73, 0x65, 0x61, 0x6c, 0x65, 0x64, 1, 1);

/** The size of an initialization vector, in bytes: what AES-GCM is made for. */
const IV = 12;

const utf8 = new TextEncoder();

/** What is not hidden and yet can't be changed: what is in it, where it was said, and by whom. */
const boundTo = (head: Uint8Array, { cid, from }: DecoderContext) =>
  utf8.encode(JSON.stringify([...head, cid, from]));

const startsWith = (bytes: Uint8Array, head: Uint8Array) =>
  bytes.length >= head.length + IV && head.every((byte, index) => bytes[index] === byte);

async function seal(
  key: CryptoKey,
  content: MessageContent,
  context: DecoderContext,
): Promise<ArrayBuffer> {
  const head = typeof content === "string" ? TEXT : BYTES;
  const plain = typeof content === "string" ? utf8.encode(content) : content;
  // A new one for each message: two messages under the same would give the key away. By chance they
  // stay different for 2^32 messages, after which a conversation needs a new key.
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const additionalData = boundTo(head, context);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain);
  return new Uint8Array([...head, ...iv, ...new Uint8Array(sealed)]).buffer;
}

async function unseal(
  key: CryptoKey,
  head: Uint8Array,
  bytes: Uint8Array<ArrayBuffer>,
  context: DecoderContext,
): Promise<MessageContent> {
  const iv = bytes.subarray(head.length, head.length + IV);
  const additionalData = boundTo(head, context);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv, additionalData },
    key,
    bytes.subarray(head.length + IV),
  );
  return head === TEXT ? new TextDecoder().decode(plain) : plain;
}

/** Encrypts the messages of each conversation that has a key. */
export function encryption(keyOf: KeyOf): Plugin {
  return {
    name: "encryption",
    messageDecoders: [{
      encode: async (content, context) => {
        const key = await keyOf(context.cid);
        return key && seal(key, content, context);
      },
      decode: async (content, context) => {
        const key = await keyOf(context.cid);
        const bytes = typeof content === "string" ? undefined : new Uint8Array(content);
        const head = bytes && [TEXT, BYTES].find((head) => startsWith(bytes, head));
        if (bytes && head) {
          if (!key) throw new Error("This conversation's key is not here");
          return await unseal(key, head, bytes, context);
        }
        // What nobody sealed is shown as bytes where all is sealed: the server, or who got into it,
        // could have made it up, and it must not pass for what a member said.
        return key && typeof content === "string" ? utf8.encode(content).buffer : undefined;
      },
    }],
  };
}

/** The next message that a client gets. */
const next = (client: { once(event: "message", listener: (message: Message) => void): unknown }) =>
  new Promise<Message>((done) => client.once("message", done));

if (import.meta.main) {
  const [server = "http://127.0.0.1:8450"] = Deno.args;
  const app = { appId: "curlew-dev", appKey: "dev-key", server };
  const keys = new Map<string, CryptoKey>();
  const plugins = [encryption((cid) => keys.get(cid))];

  await using toms = new Realtime({ ...app, plugins });
  await using jerrys = new Realtime({ ...app, plugins });
  await using spikes = new Realtime(app);
  const [tom, jerry, spike] = await Promise.all([
    toms.createIMClient("tom"),
    jerrys.createIMClient("jerry"),
    spikes.createIMClient("spike"),
  ]);

  const members = [jerry.id, spike.id];
  const conversation = await tom.createConversation({ members, unique: false });
  const algorithm = { name: "AES-GCM", length: 256 };
  keys.set(
    conversation.id,
    await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]),
  );

  const received = Promise.all([next(jerry), next(spike)]);
  await conversation.send(new TextMessage("The cheese is in the cellar"));
  const [jerryReads, spikeSees] = await received;

  console.log(`Jerry reads: ${(jerryReads as TextMessage).text}`);
  if (spikeSees instanceof BinaryMessage) {
    console.log(`Spike, without the key, sees ${spikeSees.buffer.byteLength} bytes`);
  }
}
