// Runs in a page before Jupyter does. It tells when a change was painted, and counts what goes to kernels and comes back.
(() => {
  const traffic = { sent: 0, received: 0, bytes: 0 };
  const PlainSocket = window.WebSocket;
  window.WebSocket = class extends PlainSocket {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", ({ data }) => {
        traffic.received += 1;
        traffic.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
    send(data) {
      traffic.sent += 1;
      super.send(data);
    }
  };

  // A change that is made in an animation frame is painted at the end of it; any other one, in the next.
  let inFrame = false;
  const nextFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) =>
    nextFrame((time) => {
      inFrame = true;
      queueMicrotask(() => (inFrame = false));  // behind the observers that `draw` wakes, if it throws too
      draw(time);
    });

  const afterPaint = (call) => {
    const post = () => {  // a message waits until the frame is painted
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = call;
      port2.postMessage(null);
    };
    inFrame ? post() : nextFrame(post);
  };

  // A change: elements that match `selector` come, or theirs of this `attribute` is set.
  const observe = ({ selector, attribute }, call) => {
    const found = ({ target, type, addedNodes }) =>
      type === "attributes"
        ? target.matches(selector) && [target]
        : [...addedNodes].flatMap((node) => (node.matches?.(selector) ? [node] : [...(node.querySelectorAll?.(selector) ?? [])]));
    const observer = new MutationObserver((records) => {
      const changed = records.flatMap((record) => found(record) || []);
      if (changed.length) call(changed, observer);
    });
    observer.observe(document, { subtree: true, childList: true, attributeFilter: [attribute] });
    return observer;
  };

  /** The time at which the next such change is painted; pictures count once they are decoded. */
  const painted = (change) =>
    new Promise((resolve, reject) => {
      observe(change, async (changed, observer) => {
        observer.disconnect();
        const pictures = changed.filter((node) => node.decode);
        if (pictures.length) await Promise.all(pictures.map((picture) => picture.decode()));
        afterPaint(() => resolve(performance.now()));
      });
      setTimeout(reject, 20000, new Error(`nothing was painted: ${JSON.stringify(change)}`));
    });

  window.paint = {
    traffic,

    /** Milliseconds from the next event of this type to the paint of the change that it makes: wait for `answer`. */
    time(event, change) {
      let start;
      window.addEventListener(event, ({ timeStamp }) => (start = timeStamp), { capture: true, once: true });
      this.answer = painted(change).then((end) => end - start);
    },

    /** Milliseconds from running a cell to the paint of the change that it makes. */
    async run(index, change) {
      const { commands, shell } = window.jupyterapp;
      shell.currentWidget.content.activeCellIndex = index;
      const start = performance.now(), end = painted(change);
      await commands.execute("notebook:run-cell");
      return (await end) - start;
    },

    /** Count input events, and the frames in which such changes are painted, until it is told to stop. */
    count(change) {
      const counts = { asked: 0, painted: 0 };
      let isWaiting = false;
      const ask = () => (counts.asked += 1);
      window.addEventListener("input", ask, true);
      const observer = observe(change, () => {
        if (isWaiting) return;
        isWaiting = true;
        afterPaint(() => {
          isWaiting = false;
          counts.painted += 1;
        });
      });
      this.stop = () => {
        observer.disconnect();
        window.removeEventListener("input", ask, true);
        return counts;
      };
    },
  };
})();
