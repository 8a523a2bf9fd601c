import {byId, counted, duration, fold, h, head, number} from './elements.js';
import {newActions} from './actions.js';
import {ConnectorCard} from './connector.js';
import {overview} from './overview.js';
import {ringSummary, showRing} from './ring.js';

const scopes = new Map();
let status = null;
let history = {interval: 5, seconds: [], series: []};
let reasons = null;
let readPassword = '';
let refused = '';

/* Requests. The browser is given no chance to keep the password. */

function headers(password) {
  const bytes = new TextEncoder().encode('admin:' + password);
  return password === '' ? {} : {Authorization: 'Basic ' + btoa(String.fromCharCode(...bytes))};
}

async function ask(path, password, options = {}) {
  const response = await fetch(path, {...options, credentials: 'omit', cache: 'no-store', headers: {...headers(password), ...options.headers}});
  const body = await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(body.error || response.statusText), {status: response.status});
  }
  return body;
}

async function change(path, body, done, password) {
  const result = byId('result');
  result.textContent = '…';
  try {
    const answer = await ask(path, password.value || readPassword, {method: 'POST', body: JSON.stringify(body),
      headers: {'Content-Type': 'application/json', 'X-Tls-Resumption': '1'}});
    result.textContent = answer.problem || done;
    await refresh();
    return true;
  } catch (problem) {
    result.textContent = 'Not done: ' + problem.message;
    if (problem.status === 401) {
      password.focus();
    }
    return false;
  }
}

function say(text) {
  byId('problem').hidden = text === '';
  byId('problem').textContent = text;
}

async function refresh() {
  try {
    [status, history, reasons] = await Promise.all(['/api/status', '/api/history'].map(path => ask(path, readPassword))
      .concat(reasons ?? ask('/api/reasons', readPassword)));
    byId('login').hidden = true;
    say('');
    show();
  } catch (problem) {
    const locked = problem.status === 401 || problem.status === 429;
    if (locked && readPassword !== '') {
      // It is tried once only.
      readPassword = '';
      refused = problem.status === 401 ? 'That is not the password.' : problem.message;
    }
    byId('login').hidden = !locked;
    say(locked ? refused || 'Reading needs the password.' : 'What is shown is old, since the server does not answer: ' + problem.message);
  }
}

/* What is shown. */

function show() {
  if (status === null) {
    return;
  }
  const now = Date.parse(status.time);
  byId('where').textContent = status.node + ', ' + new Date(now).toLocaleString('en-GB', {dateStyle: 'medium', timeStyle: 'long'});
  const names = {module: '', jetty: 'Jetty ', java: 'Java '};
  byId('versions').textContent = [...(status.started === null ? [] : ['up ' + duration((now - Date.parse(status.started)) / 1000)]),
    ...Object.entries(status.versions).map(([name, version]) => (names[name] || 'Version ') + version)].join(' · ');
  const found = [...new Set(status.connectors.map(connector => connector.scope))];
  for (const [name, parts] of scopes) {
    if (!found.includes(name)) {
      parts.section.remove();
      scopes.delete(name);
    }
  }
  const main = byId('scopes');
  if (scopes.size === 0) {
    main.replaceChildren();
  }
  const focused = document.activeElement.closest('#overview a')?.getAttribute('href');
  byId('overview').replaceChildren(found.length === 0 ? '' : overview(status, anchorOf));
  if (focused) {
    byId('overview').querySelector('a[href="' + focused + '"]')?.focus({preventScroll: true});
  }
  for (const name of found) {
    if (!scopes.has(name)) {
      scopes.set(name, newScope(name));
      main.append(scopes.get(name).section);
    }
    showScope(scopes.get(name), status.connectors.filter(connector => connector.scope === name), now);
  }
  if (found.length === 0) {
    main.replaceChildren(h('p', {}, 'No connector of this server resumes sessions by this module.'));
  }
}

function anchorOf(connector) {
  return encodeURIComponent('connector ' + connector.scope + ' ' + connector.name).replaceAll('%', '_');
}

// What can have the focus, or be unfolded, is made once, so that it stays so.
function newScope(name) {
  const parts = {connectors: h('div', {class: 'grid'}), cards: new Map(), ringBody: h('div'), storesBody: h('div')};
  parts.ring = fold(show, parts.ringBody);
  parts.stores = fold(show, parts.storesBody);
  parts.section = h('section', {'aria-label': 'Scope ' + name}, h('h2', {}, 'Scope ' + name), parts.connectors,
    h('div', {class: 'card folds'}, parts.ring.details, parts.stores.details, newActions(name, change)));
  return parts;
}

function showScope(parts, connectors, now) {
  const all = parts.connectors.clientWidth;
  const width = (connectors.length > 1 && all > 880 ? (all - 16) / 2 : all) - 34;
  const anchors = connectors.map(anchorOf);
  for (const [anchor, card] of parts.cards) {
    if (!anchors.includes(anchor)) {
      card.card.remove();
      parts.cards.delete(anchor);
    }
  }
  connectors.forEach((connector, i) => {
    if (!parts.cards.has(anchors[i])) {
      parts.cards.set(anchors[i], new ConnectorCard(connector, anchors[i], show));
      parts.connectors.append(parts.cards.get(anchors[i]).card);
    }
    parts.cards.get(anchors[i]).show(connector, history, reasons, width);
  });
  // A connector whose resumption is off shows no keys, though others of its scope have some.
  const one = connectors.find(connector => connector.resumes) || connectors[0];
  parts.ring.summary.textContent = ringSummary(one, now);
  parts.ringBody.replaceChildren(...showRing(one, now, parts.ringBody.clientWidth || all - 34));
  showStores(parts, one, now);
}

function showStores(parts, one, now) {
  const ill = one.stores.filter(store => !store.well).length;
  const age = one.resumptionAge;
  parts.stores.summary.textContent = 'Sessions and stores: ' + counted(one.liveSessions, 'session', 'sessions') + ' of mode cache, ' + number(one.forgotten) +
    ' forgotten, ' + (one.stores.length === 0 ? 'all in memory' : ill === 0 ? 'stores healthy' : ill + ' of ' + one.stores.length +
    ' stores not responding');
  parts.storesBody.replaceChildren(
    h('p', {}, h('strong', {}, number(one.liveSessions)), (one.liveSessions === 1 ? ' live session' : ' live sessions') + ' of mode cache; those of mode ticket are with the clients. ',
      h('strong', {}, number(one.forgotten)), one.forgotten === 1 ? ' entry on the forget list.' : ' entries on the forget list.'),
    h('p', {class: 'soft'}, 'A session lasts ' + duration(one.maxSessionDuration) + ' at most' +
      (age.count > 0 && age.p90 !== null ? '; when resumed, 9 of 10 were not older than ' + duration(age.p90) : '') + '.'),
    one.stores.length === 0 ? h('p', {class: 'soft'}, 'Stores: none, all is in memory.') : h('table', {class: 'stack'},
      head(['Store', 'Health', 'Last contact', 'Place']),
      h('tbody', {}, one.stores.map(store => h('tr', {}, h('th', {scope: 'row'}, store.store),
        h('td', {}, h('span', {class: store.well ? 'good' : 'bad'}, store.well ? '✓ healthy' : '✗ ' + store.problem)),
        h('td', {'data-label': 'Last contact'}, store.lastContact === null ? 'never'
          : duration((now - Date.parse(store.lastContact)) / 1000) + ' ago'),
        h('td', {class: 'soft'}, store.place))))));
}

byId('login').addEventListener('submit', event => {
  event.preventDefault();
  const input = byId('login').querySelector('input');
  readPassword = input.value;
  refused = '';
  refresh();
});
// Only where the module for metrics is there too.
fetch('/metrics', {method: 'HEAD', credentials: 'omit'}).then(response => {
  byId('metrics').hidden = response.status === 404;
});
setInterval(refresh, 3000);
addEventListener('resize', show);
refresh();
