// What the browser holds: the conversation in this tab only, preferences for next time, nothing personal for longer.

const SESSION = "benefits-help";
const PREFERENCES = "benefits-help";
const CHANNEL = "benefits-help";

const read = (storage, key) => {
  try {
    return JSON.parse(window[storage].getItem(key)) || {};
  } catch {
    return {};
  }
};

const write = (storage, key, value) => {
  try {
    if (value) window[storage].setItem(key, JSON.stringify(value));
    else window[storage].removeItem(key);
  } catch {
    // Storage may be full or forbidden: the conversation then lives as long as the page.
  }
};

/** Session storage ends with the tab, so the next person at a library computer finds nothing. */
export class Memory {
  constructor() {
    this.session = read("sessionStorage", SESSION);
    this.preferences = read("localStorage", PREFERENCES);
    this.onErased = () => {};
    this._openChannel();
  }

  keep(changes) {
    Object.assign(this.session, changes);
    write("sessionStorage", SESSION, this.session);
  }

  prefer(changes) {
    Object.assign(this.preferences, changes);
    write("localStorage", PREFERENCES, this.preferences);
  }

  /** Empty this tab and tell the others. Work still owed to the server (an erasure) is kept: ids, no words. */
  erase(id) {
    const owed = this.session.owed;
    this.session = {};
    write("sessionStorage", SESSION, null);
    if (owed) this.keep({ owed });
    if (id && this._channel) this._channel.postMessage({ erased: id });
  }

  /** Ask the other open tabs of this site for a conversation under way; null when none answers at once. */
  askOtherTabs() {
    if (!this._channel) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), 200);
      this._answered = (conversation) => {
        clearTimeout(timer);
        resolve(conversation);
      };
      this._channel.postMessage({ ask: true });
    });
  }

  _openChannel() {
    if (typeof BroadcastChannel === "undefined") return;
    this._channel = new BroadcastChannel(CHANNEL);
    this._channel.onmessage = ({ data }) => {
      const { id, token, locale, proven, active } = this.session;
      if (data.ask && id) this._channel.postMessage({ conversation: { id, token, locale, proven, active } });
      if (data.conversation && this._answered) this._answered(data.conversation);
      if (data.erased && data.erased === id) {
        this.erase();
        this.onErased();
      }
    };
  }
}
