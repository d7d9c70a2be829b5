/** What extends the SDK, and how it is set up. */
import {
  type AVMessage,
  type AVUser,
  type ConversationBase,
  ErrorCode,
  type IMClient,
  type Message,
  type Plugin,
  Realtime,
  TypedMessage,
} from "leancloud-realtime";

class Sticker extends TypedMessage {}

const silent = new Set<string>();

export const stickers: Plugin = {
  name: "stickers",
  messageClasses: [Sticker],
  beforeMessageParse: (message) => message,
  afterMessageParse(message: AVMessage): AVMessage {
    if (message instanceof Sticker) message.setAttributes({ seen: true });
    return message;
  },
  beforeMessageDispatch: (message) => !silent.has((message as Message).from),
  onConversationCreate(conversation: ConversationBase) {
    conversation.on("message", () => console.log(conversation.id));
  },
  onIMClientCreate(client: IMClient) {
    client.on("close", () => console.log(client.id));
  },
  onRealtimeCreate(realtime: Realtime) {
    realtime.register(Sticker);
  },
};

export const plain = new Realtime({
  appId: "APP_ID",
  appKey: "APP_KEY",
  server: { RTMRouter: "https://router.example.com", api: "https://api.example.com" },
  plugins: [stickers],
});

export const detailed = new Realtime({
  appId: "APP_ID",
  appKey: "APP_KEY",
  region: "cn",
  noBinary: true,
  ssl: true,
  RTMServers: ["wss://one.example.com", "wss://two.example.com"],
  plugins: [],
});

export function now(realtime: Realtime): void {
  realtime.retry();
}

export const user: AVUser = { getSessionToken: () => "token" };

/** Hears whatever it is that tells. */
export function hear(emitter: ConversationBase): () => void {
  const muted = () => console.log("muted");
  emitter.once("unmuted", muted).on("muted", muted);
  return () => void emitter.off("muted", muted).emit("unmuted", { unmutedBy: "me" });
}

const messages: Record<number, string> = {
  [ErrorCode.SESSION_CONFLICT]: "logged in elsewhere",
  [ErrorCode.APP_NOT_AVAILABLE]: "no such app",
  [ErrorCode.TEMPORARY_CONVERSATION_EXPIRED]: "it has ended",
  [ErrorCode.OWNER_PROMOTION_NOT_ALLOWED]: "one owner is enough",
};

export function explain(error: Error & { code?: ErrorCode }): string {
  return messages[error.code ?? 0] ?? error.message;
}
