/** The few things that the page does to its elements. @module */

/** The one element that a selector names below another; the page is wrong where there is none. */
export function find<T extends Element = HTMLElement>(
  selector: string,
  within: ParentNode,
): T {
  const element = within.querySelector<T>(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return element;
}

/** A new element. Its children are elements or text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** A round sign for somebody: an initial on a colour that is always the same for the name. */
export function dressAvatar(avatar: HTMLElement, name: string): void {
  let hash = 0;
  for (const character of name) {
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  }
  avatar.textContent = [...name][0]?.toUpperCase() ?? "";
  avatar.style.setProperty("--hue", String(hash));
  avatar.setAttribute("aria-hidden", "true");
}

/** Whether focus may be given unasked: on a phone it would open the keyboard. */
export const hasKeyboard = (): boolean => matchMedia("(hover: hover)").matches;

const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
});
const date = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const shortDate = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
});

const sameDay = (one: Date, other: Date): boolean => one.toDateString() === other.toDateString();

/** The time of day. */
export const timeOf = (moment: Date): string => time.format(moment);

/** Today, yesterday, or the date. */
export function dayOf(moment: Date, now = new Date()): string {
  if (sameDay(moment, now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  return sameDay(moment, yesterday) ? "Yesterday" : date.format(moment);
}

/** The time where it was today, else the date. */
export const briefly = (moment: Date, now = new Date()): string =>
  sameDay(moment, now) ? time.format(moment) : shortDate.format(moment);
