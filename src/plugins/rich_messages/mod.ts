/**
 * Messages with files, images, audio, videos and places, as LeanCloud's clients have them. They need
 * no storage SDK: a file is an address, and nothing is uploaded.
 *
 * @example
 * ```ts
 * import { Realtime } from "@curlew/realtime";
 * import { ImageMessage, richMessages } from "@curlew/realtime/plugins/rich-messages";
 *
 * const server = "http://127.0.0.1:8450";
 * const realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server, plugins: richMessages });
 * const tom = await realtime.createIMClient("tom");
 * tom.on("message", (message) => {
 *   if (message instanceof ImageMessage) console.log(message.url, message.width, message.height);
 * });
 * ```
 *
 * Who needs some of the classes alone registers those: `realtime.register([FileMessage, ImageMessage])`.
 *
 * @module
 */
import type { MessageHooks } from "../../im/messages/message_parser.ts";
import { AudioMessage } from "./audio_message.ts";
import { FileMessage } from "./file_message.ts";
import { ImageMessage } from "./image_message.ts";
import { LocationMessage } from "./location_message.ts";
import { VideoMessage } from "./video_message.ts";

export { AudioMessage, type AudioMetaData } from "./audio_message.ts";
export { type FileContent, FileMessage, type StoredFile } from "./file_message.ts";
export type { FileMetaData } from "./file_meta_data.ts";
export { ImageMessage, type ImageMetaData } from "./image_message.ts";
export { LocationMessage, type Place } from "./location_message.ts";
export { VideoMessage, type VideoMetaData } from "./video_message.ts";

/** The plugin that has a `Realtime` know all of these classes. */
export const richMessages: MessageHooks = {
  name: "rich-messages",
  messageClasses: [FileMessage, ImageMessage, AudioMessage, VideoMessage, LocationMessage],
};
