// What the pages gain with scripts: live parts, copy and print. Everything else works without.
(() => {
  const settled = 150;

  // A live part is fetched again when its stream has news; what somebody types is left alone.
  const live = (part) => {
    const path = part.dataset.live;
    const own = part.dataset.part ?? path;
    const find = (root) =>
      [...root.querySelectorAll('[data-live]')].find(
        (one) => (one.dataset.part ?? one.dataset.live) === own,
      );
    let waits = null;
    let source = null;
    const refresh = async () => {
      waits = null;
      const active = document.activeElement;
      const current = find(document);
      if (current === undefined) return;
      const typing = current.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName);
      const opened = current.querySelector('details.asked[open]') !== null;
      if (typing || opened) return later(2000);
      try {
        const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
        if (!answer.ok) return;
        const text = await answer.text();
        const next = new DOMParser().parseFromString(text, 'text/html');
        const fresh = find(next) ?? next.querySelector('main > div:not(.head)');
        if (fresh === null || fresh === undefined) return;
        if (fresh.outerHTML === current.outerHTML) return;
        const focused = current.contains(active) ? active.getAttribute('href') : null;
        current.replaceWith(document.importNode(fresh, true));
        reveal(document);
        if (focused !== null) find(document)?.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
        // A finished operation has no stream any more.
        if (find(document) === undefined) source?.close();
      } catch {
        // The box restarts or the network is away: the stream connects again by itself.
      }
    };
    const later = (ms) => {
      waits ??= setTimeout(refresh, ms);
    };
    source = new EventSource(path);
    source.addEventListener('news', () => later(settled));
    source.addEventListener('operation', () => later(settled));
    source.addEventListener('display', (event) => {
      const line = find(document)?.querySelector('[data-display]');
      if (line) line.textContent = JSON.parse(event.data).text;
    });
    const every = Number(part.dataset.every ?? 0);
    if (every > 0) setInterval(() => later(0), every);
    addEventListener('pagehide', () => source.close());
  };

  const reveal = (root) => {
    for (const button of root.querySelectorAll('button[data-copy], button[data-print]')) {
      button.hidden = false;
    }
  };

  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button === null) return;
    if (button.dataset.print !== undefined) return print();
    const from = button.dataset.copy;
    if (from === undefined) return;
    const text = document.getElementById(from)?.textContent ?? '';
    const done = await copy(text);
    const label = button.querySelector('span');
    if (done && label !== null) label.textContent = button.dataset.copied;
  });

  // The clipboard needs TLS; over plain HTTP the old command still works.
  const copy = async (text) => {
    if (navigator.clipboard !== undefined) {
      await navigator.clipboard.writeText(text);
      return true;
    }
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  };

  // Two presses of one button are one.
  document.addEventListener('submit', (event) => {
    const { target } = event;
    if (!(target instanceof HTMLFormElement) || target.method !== 'post') return;
    if (target.dataset.sent !== undefined) return event.preventDefault();
    // A download leaves the page as it is.
    if (/\/(backup|support)$/.test(target.action)) return;
    target.dataset.sent = '';
  });
  addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  reveal(document);
  for (const part of document.querySelectorAll('[data-live]')) live(part);
})();
