/**
 * Says whether this window is connected, and what is being done about it where it is not.
 *
 * @module
 */
import { Event, type IMClient, type Realtime } from "../../mod.ts";
import { find } from "./dom.ts";

/** Shows the state of the connection in the page's head and in a banner over the conversation. */
export function showConnection(chat: HTMLElement, realtime: Realtime, client: IMClient): void {
  const state = find(".state", chat);
  const banner = find(".banner", chat);
  const text = find("span", banner);
  const again = find("button", banner);
  let countdown: ReturnType<typeof setInterval> | undefined;

  const show = (
    connected: boolean,
    word: string,
    sentence = "",
    button = false,
  ) => {
    clearInterval(countdown);
    state.textContent = word;
    state.dataset.connected = String(connected);
    banner.hidden = connected;
    text.textContent = sentence;
    again.hidden = !button;
  };
  const connected = () => show(true, "Connected");

  realtime.on(
    Event.DISCONNECT,
    () => show(false, "Not connected", "Connection lost"),
  );
  realtime.on(
    Event.OFFLINE,
    () => show(false, "Offline", "This device is offline"),
  );
  realtime.on(Event.SCHEDULE, (_attempt, delay) => {
    const due = Date.now() + delay;
    const tell = () => {
      const seconds = Math.max(1, Math.ceil((due - Date.now()) / 1_000));
      text.textContent = `Connection lost. Next try in ${seconds} s`;
    };
    show(false, "Not connected", "", true);
    tell();
    countdown = setInterval(tell, 1_000);
  });
  realtime.on(Event.RETRY, () => show(false, "Connecting…", "Connecting…"));
  realtime.on(Event.RECONNECT, connected);
  client.on(
    Event.CLOSE,
    ({ reason = "" }) => show(false, "Logged out", `You are logged out. ${reason}`),
  );
  again.onclick = () => {
    try {
      realtime.retry();
    } catch {
      // It is being tried already.
    }
  };
  connected();
}
