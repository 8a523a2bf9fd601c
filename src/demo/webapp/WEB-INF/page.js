
'use strict';
(() => {
  // More than the 2 s after which the demo's connectors close an idle connection; HTTP/1.1 closes after each answer.
  const HTTP2_WAIT = 3;
  const WORDS = { full: 'full', resumed: 'resumed', unknown: 'not known' };
  const again = document.getElementById('again');
  const status = document.getElementById('status');
  const seen = new Map();
  const zoned = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
    second: '2-digit', timeZoneName: 'short' });
  let busy = false;

  const cards = () => [...document.querySelectorAll('.card')];
  const pause = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000));

  function text(seconds) {
    const two = number => String(number).padStart(2, '0');
    return Math.floor(seconds / 3600) + ':' + two(Math.floor(seconds / 60) % 60) + ':' + two(seconds % 60);
  }

  function tick() {
    for (const left of document.querySelectorAll('.left')) {
      const seconds = Math.max(0, Math.ceil((Number(left.dataset.end) - Date.now()) / 1000));
      left.textContent = seconds > 0 ? text(seconds) + ' left' : 'over: the next handshake is full';
    }
  }

  // What a script can add to a card: this browser's time zone, a running clock, and what came before.
  function enliven(card) {
    const left = card.querySelector('.left');
    if (left) {
      left.dataset.end = Date.now() + Number(left.dataset.seconds) * 1000;
    }
    const time = card.querySelector('.until time');
    if (time) {
      time.textContent = zoned.format(new Date(time.dateTime));
    }
    const results = seen.get(card.dataset.url) || [];
    results.push(WORDS[card.dataset.result]);
    seen.set(card.dataset.url, results.slice(-8));
    const history = document.createElement('p');
    history.className = 'history';
    history.append('Connections seen here: ');
    const last = document.createElement('b');
    last.textContent = results.at(-1);
    history.append(results.slice(-8, -1).map(result => result + ', ').join(''), last);
    card.querySelector('.until').after(history);
    const form = card.querySelector('form');
    if (form) {
      form.addEventListener('submit', event => {
        event.preventDefault();
        renew([card.dataset.url], () => send(card.dataset.url, 'POST'));
      });
    }
    tick();
  }

  // With credentials, so that the other connector's sessions are those of its own page: a browser keeps others apart.
  function send(url, method) {
    return fetch(url + '?format=card', { method, credentials: 'include', cache: 'no-store' }).then(response => {
      if (!response.ok) {
        throw new Error(String(response.status));
      }
      return response.text();
    });
  }

  async function read(url) {
    const old = cards().find(card => card.dataset.url === url);
    try {
      const answer = new DOMParser().parseFromString(await send(url, 'GET'), 'text/html');
      const card = document.importNode(answer.querySelector('.card'), true);
      old.replaceWith(card);
      enliven(card);
      return card.dataset.place + ' ' + card.querySelector('.result').textContent.toLowerCase();
    } catch (e) {
      const blocked = old.querySelector('.blocked');
      if (blocked) {
        blocked.hidden = false;
        old.querySelector('.closed').hidden = true;
      }
      return old.dataset.place + ' cannot be read';
    }
  }

  // Makes a new connection to each of some connectors, when what is to be done before is done.
  async function renew(urls, before) {
    if (busy) {
      return;
    }
    busy = true;
    again.setAttribute('aria-disabled', 'true');
    try {
      if (before) {
        await before();
      }
      if (cards().some(card => urls.includes(card.dataset.url) && (card.dataset.http || '').startsWith('HTTP/2'))) {
        status.textContent = 'HTTP/2 keeps its connection until it was idle for 2 seconds. One moment …';
        await pause(HTTP2_WAIT);
      }
      const told = await Promise.all(urls.map(read));
      status.textContent = 'New: ' + told.join('; ');
    } catch (e) {
      status.textContent = 'No answer. Is the demo still running?';
    } finally {
      busy = false;
      again.removeAttribute('aria-disabled');
    }
  }

  const unread = () => cards().filter(card => !card.dataset.result).map(card => card.dataset.url);
  again.addEventListener('click', event => {
    event.preventDefault();
    renew(cards().filter(card => card.dataset.result).map(card => card.dataset.url).concat(unread()));
  });
  cards().filter(card => card.dataset.result).forEach(enliven);
  unread().forEach(read);
  // The certificate may have been accepted meanwhile.
  window.addEventListener('focus', () => unread().forEach(read));
  setInterval(tick, 1000);
})();
