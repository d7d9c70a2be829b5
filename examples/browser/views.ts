/**
 * Shows a chat: the list of conversations, and the one that is open. What is shown is only ever
 * text; elements are kept for as long as what they show, so that focus and scroll stay.
 *
 * @module
 */
import type { Message } from "../../mod.ts";
import { type Chat, textOf, type Thread } from "./chat.ts";
import { briefly, dayOf, dressAvatar, element, find, hasKeyboard, timeOf } from "./dom.ts";

/** What to call a conversation. */
export const titleOf = (thread: Thread): string => thread.others.join(", ") || "Only you";

/** Whether the others are there: in words, and for a dot. */
function presence(chat: Chat, thread: Thread): { there?: boolean; text: string } {
  const { present } = chat;
  if (!present) return { text: "" };
  const there = thread.others.filter((other) => present.has(other)).length;
  const text = thread.others.length > 1
    ? `${there} of ${thread.others.length} connected`
    : there
    ? "Connected"
    : "Not connected";
  return { there: there > 0, text };
}

/** Sets the dot that says whether somebody is there. */
function mark(avatar: HTMLElement, there: boolean | undefined): void {
  if (there === undefined) delete avatar.dataset.there;
  else avatar.dataset.there = String(there);
}

/** Makes the children of an element these, moving only what has to move. */
function arrange(parent: Element, children: readonly Element[]): void {
  children.forEach((child, index) => {
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
  });
  while (parent.children.length > children.length) {
    parent.lastElementChild?.remove();
  }
}

/** Keeps the list of conversations as the chat has them. */
export function conversationList(
  root: HTMLElement,
  open: (thread: Thread) => void,
): (chat: Chat, current: Thread | undefined) => void {
  const list = find(".list", root);
  const empty = find(".empty", root);
  const items = new Map<
    string,
    { item: HTMLElement; update: (chat: Chat, here: boolean) => void }
  >();

  const make = (thread: Thread) => {
    const avatar = element("span", "avatar");
    const title = element("strong", "title");
    const moment = element("time", "when");
    const preview = element("span", "preview");
    const unread = element("span", "unread");
    const there = element("span", "hidden");
    const button = element("button", "thread", avatar, title, moment, preview, unread, there);
    button.type = "button";
    button.onclick = () => open(thread);

    const update = (chat: Chat, here: boolean) => {
      const last = thread.messages.at(-1);
      const count = here && document.hasFocus() ? 0 : thread.conversation.unreadMessagesCount;
      const { there: present, text } = presence(chat, thread);
      title.textContent = titleOf(thread);
      dressAvatar(avatar, titleOf(thread));
      mark(avatar, present);
      there.textContent = text;
      const mine = last && (last.from === chat.name || thread.unsent.has(last));
      preview.textContent = last ? (mine ? "You: " : "") + textOf(last) : "No messages yet";
      moment.textContent = last ? briefly(last.timestamp) : "";
      unread.textContent = count ? String(count) : "";
      unread.setAttribute("aria-label", count ? `${count} unread` : "");
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    };
    return { item: element("li", "", button), update };
  };

  return (chat, current) => {
    const threads = chat.sorted();
    empty.hidden = threads.length > 0;
    arrange(
      list,
      threads.map((thread) => {
        const { id } = thread.conversation;
        const entry = items.get(id) ?? make(thread);
        items.set(id, entry);
        entry.update(chat, thread === current);
        return entry.item;
      }),
    );
  };
}

/** What the conversation that is open asks for. */
export interface Wishes {
  /** Send this text. */
  readonly send: (thread: Thread, text: string) => void;
  /** Try this message again. */
  readonly resend: (thread: Thread, message: Message) => void;
  /** Show what came before. */
  readonly earlier: (thread: Thread) => Promise<void>;
}

/** Keeps the open conversation as the chat has it. */
export function openConversation(
  root: HTMLElement,
  wishes: Wishes,
): (chat: Chat, thread: Thread | undefined) => void {
  const pane = find(".open", root);
  const nothing = find(".nothing", root);
  const avatar = find(".avatar", pane);
  const title = find("h2", pane);
  const there = find(".presence", pane);
  const scroll = find(".scroll", pane);
  const list = find(".messages", pane);
  const earlier = find<HTMLButtonElement>(".earlier", pane);
  const composer = find<HTMLFormElement>(".composer", pane);
  const text = find<HTMLTextAreaElement>("textarea", pane);
  const drafts = new WeakMap<Thread, string>();
  let shown: Thread | undefined;
  let items = new Map<Message, HTMLElement>();
  let days = new Map<string, HTMLElement>();
  let atEnd = true;

  // Whoever reads the newest message keeps seeing it, whatever grows or shrinks; who reads on
  // further up is left there.
  const stay = () => {
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  };
  scroll.onscroll = () => {
    atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  };
  const sizes = new ResizeObserver(stay);
  sizes.observe(scroll);
  sizes.observe(list);

  const fit = () => {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 160)}px`;
  };
  text.oninput = fit;
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    composer.requestSubmit();
  };
  composer.onsubmit = (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (shown && said) wishes.send(shown, said);
    text.value = "";
    fit();
    text.focus();
  };
  earlier.onclick = async () => {
    if (!shown) return;
    earlier.disabled = true;
    const below = scroll.scrollHeight - scroll.scrollTop;
    await wishes.earlier(shown);
    scroll.scrollTop = scroll.scrollHeight - below; // what was read stays where it was
    earlier.disabled = false;
  };

  const make = (thread: Thread, message: Message) => {
    const again = element("button", "quiet again");
    again.type = "button";
    again.onclick = () => wishes.resend(thread, message);
    const author = element("span", "author", message.from ?? "");
    const bubble = element("p", "bubble", textOf(message));
    bubble.dir = "auto";
    return element("li", "message", author, bubble, element("time", "when"), again);
  };

  const update = (chat: Chat, thread: Thread, message: Message, before: Message | undefined) => {
    const item = items.get(message) ?? make(thread, message);
    items.set(message, item);
    const unsent = thread.unsent.has(message);
    const failure = thread.unsent.get(message);
    const own = unsent || message.from === chat.name;
    item.classList.toggle("own", own);
    item.classList.toggle("follows", before?.from === message.from);
    item.classList.toggle("failed", failure !== undefined);
    find(".again", item).textContent = failure ? `Not sent: ${failure.message}. Try again` : "";
    find(".author", item).classList.toggle("hidden", own || thread.others.length < 2);
    const moment = unsent ? "Sending…" : timeOf(message.timestamp);
    find(".when", item).textContent = failure ? "" : moment;
    return item;
  };

  const showThread = (thread: Thread | undefined) => {
    if (shown) drafts.set(shown, text.value);
    shown = thread;
    atEnd = true;
    items = new Map();
    days = new Map();
    list.replaceChildren();
    pane.hidden = thread === undefined;
    nothing.hidden = thread !== undefined;
    if (!thread) return;
    text.value = drafts.get(thread) ?? "";
    fit();
    if (hasKeyboard()) text.focus();
  };

  return (chat, thread) => {
    const fresh = thread !== shown;
    if (fresh) showThread(thread);
    if (!thread) return;
    const { there: present, text: words } = presence(chat, thread);
    dressAvatar(avatar, titleOf(thread));
    mark(avatar, present);
    title.textContent = titleOf(thread);
    if (there.textContent !== words) there.textContent = words;
    earlier.hidden = !thread.earlier;

    const newest = thread.messages.at(-1);
    if (newest && thread.unsent.has(newest) && !items.has(newest)) atEnd = true;
    const children: Element[] = [];
    let day = "";
    thread.messages.forEach((message, index) => {
      const today = dayOf(message.timestamp);
      let before = thread.messages[index - 1];
      if (today !== day) {
        day = today;
        before = undefined;
        const divider = days.get(day) ?? element("li", "day", day);
        days.set(day, divider);
        children.push(divider);
      }
      children.push(update(chat, thread, message, before));
    });
    arrange(list, children);
    stay();
  };
}
