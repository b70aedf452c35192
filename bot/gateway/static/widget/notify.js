// Telling the visitor about news they can't see: the badge on the button, the page's title, a short sound.

const PREFIX = /^\(\d+\) /;

export class Notifier {
  constructor({ host, visible, sound }) {
    Object.assign(this, { host, visible, sound, unread: 0 });
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** A message came. Counted only while it can't be seen. */
  arrived() {
    if (this.sound()) beep();
    if (this.visible()) return;
    this._count(this.unread + 1);
  }

  look() {
    if (this.unread && this.visible()) this._count(0);
  }

  _count(count) {
    this.unread = count;
    const title = document.title.replace(PREFIX, "");
    document.title = count ? `(${count}) ${title}` : title;
    this.host.setUnread(count);
    this.host.tell("unread", { count });
  }
}

/** Two soft tones made on the spot: nothing to load, and off unless the visitor turned it on. */
function beep() {
  try {
    const audio = new (window.AudioContext || window.webkitAudioContext)();
    for (const [delay, pitch] of [[0, 660], [0.14, 880]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.08, audio.currentTime + delay);
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + delay + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + delay);
      tone.stop(audio.currentTime + delay + 0.2);
    }
    setTimeout(() => audio.close(), 1000);
  } catch {
    // A browser may forbid sound before the first touch; the badge still shows.
  }
}
