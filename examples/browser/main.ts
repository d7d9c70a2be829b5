/**
 * The page: sign in under a name, then chat.
 *
 * @module
 */
import { Realtime } from "../../mod.ts";
import { Chat, type Thread } from "./chat.ts";
import { showConnection } from "./connection_state.ts";
import { dressAvatar, find, hasKeyboard } from "./dom.ts";
import { go, here } from "./place.ts";
import { conversationList, openConversation, titleOf } from "./views.ts";

const signIn = find("#sign-in", document);
const root = find("#chat", document);
const toast = find(".toast", root);

/** What the server lets this page log in with. */
async function connect(): Promise<Realtime> {
  const response = await fetch("app.json");
  if (!response.ok) throw new Error("This server has no app for this page");
  const app: { appId: string; appKey: string } = await response.json();
  return new Realtime({ ...app, server: location.origin });
}

let fading: ReturnType<typeof setTimeout> | undefined;

/** Tells the person what went wrong, for a while. */
function tell(what: string, error: unknown): void {
  toast.textContent = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => void (toast.hidden = true), 6_000);
}

/** Chats under a name until the person leaves. */
async function chatAs(name: string): Promise<void> {
  const realtime = await connect();
  let current: Thread | undefined;
  let drawing = false;

  // What changes at once is drawn once.
  const draw = () => {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      showList(chat, current);
      showOpen(chat, current);
      const unread = chat.sorted().reduce(
        (sum, { conversation }) => sum + conversation.unreadMessagesCount,
        0,
      );
      const title = current ? titleOf(current) : name;
      document.title = `${unread ? `(${unread}) ` : ""}${title} · Curlew`;
      if (current && document.hasFocus()) chat.read(current).catch(() => {});
    });
  };
  const open = (thread: Thread) => go({ name, conversation: thread.conversation.id });
  const showList = conversationList(root, open);
  const showOpen = openConversation(root, {
    send: (thread, text) => void chat.send(thread, text),
    resend: (thread, message) => void chat.resend(thread, message),
    earlier: (thread) =>
      chat.readEarlier(thread).catch((error) => tell("Earlier messages could not be read", error)),
  });

  const client = await realtime.createIMClient(name);
  showConnection(root, realtime, client);
  const chat = new Chat(client, draw);
  await chat.catchUp().catch((error) => {
    void chat.close();
    throw error;
  });
  dressAvatar(find(".me .avatar", root), name);
  find(".me .name", root).textContent = name;
  find("#sign-in", document).hidden = true;
  root.hidden = false;

  const form = find<HTMLFormElement>(".new", root);
  const other = find<HTMLInputElement>("input", form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const named = other.value.split(",").map((part) => part.trim());
    const others = named.filter((part) => part && part !== name);
    if (others.length === 0) return tell("Nobody to talk to", "enter another name than yours");
    try {
      const thread = await chat.start(others);
      other.value = "";
      open(thread);
    } catch (error) {
      tell("The conversation could not be started", error);
    }
  };
  find(".back", root).onclick = () => go({ name });
  find(".leave", root).onclick = () => {
    void chat.close();
    go({});
  };

  const move = async () => {
    const place = here();
    if (place.name !== name) return location.reload();
    try {
      current = place.conversation ? await chat.thread(place.conversation) : undefined;
    } catch (error) {
      tell("The conversation could not be opened", error);
    }
    root.dataset.view = current ? "conversation" : "list";
    draw();
  };
  addEventListener("hashchange", move);
  addEventListener("focus", draw);
  await move();
  if (!current && hasKeyboard()) other.focus();
}

/** Asks for a name, or takes that of the address. */
function begin(problem = ""): void {
  const form = find<HTMLFormElement>("form", signIn);
  const input = find<HTMLInputElement>("input", form);
  const button = find<HTMLButtonElement>("button", form);
  find(".error", form).textContent = problem;
  button.disabled = false;
  signIn.hidden = false;
  input.focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name) return;
    button.disabled = true;
    go({ name });
    enter(name);
  };
}

function enter(name: string): void {
  chatAs(name).catch((error: Error) => {
    go({});
    begin(`Could not log in: ${error.message}`);
  });
}

const { name } = here();
if (name) enter(name);
else begin();
