// One announcer for the whole console, in the interface's language unless a text has its own.

import { Announcer } from "../widget/announcer.js";

const announcer = new Announcer();

export const announcements = announcer.element;

export function announce(text, language) {
  announcer.say(text, language);
}
