import {byId, duration, h, moment, s, time} from './elements.js';

const MANY = 20;
const STATES = {published: 'published, seals soon', sealing: 'sealing', opening: 'opening only', ended: 'ended'};

const scopes = new Map();
let status = null;
let history = {interval: 5, seconds: [], series: []};
let reasons = null;

/* Requests. The browser is given no chance to keep the password. */

function headers() {
  const password = byId('password').value;
  const bytes = new TextEncoder().encode('admin:' + password);
  return password === '' ? {} : {Authorization: 'Basic ' + btoa(String.fromCharCode(...bytes))};
}

async function ask(path, options = {}) {
  const response = await fetch(path, {...options, credentials: 'omit', cache: 'no-store', headers: {...headers(), ...options.headers}});
  const body = await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(body.error || response.statusText), {status: response.status});
  }
  return body;
}

async function change(path, body, done) {
  const result = byId('result');
  result.className = '';
  result.textContent = '…';
  try {
    const answer = await ask(path, {method: 'POST', body: JSON.stringify(body),
      headers: {'Content-Type': 'application/json', 'X-Tls-Resumption': '1'}});
    result.textContent = answer.problem || done;
    await refresh();
    return true;
  } catch (problem) {
    result.textContent = 'Not done: ' + problem.message;
    if (problem.status === 401) {
      byId('password').focus();
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
    [status, history, reasons] = await Promise.all([ask('/api/status'), ask('/api/history'), reasons ?? ask('/api/reasons')]);
    say('');
    show();
  } catch (problem) {
    byId('unlock').hidden = problem.status !== 401;
    say(problem.status === 401 ? 'Reading needs the password.' : 'What is shown is old, since the server does not answer: ' + problem.message);
  }
}

/* What is shown. */

function show() {
  byId('where').textContent = status.node + ', ' + new Date(status.time).toLocaleString();
  const names = [...new Set(status.connectors.map(connector => connector.scope))];
  const main = byId('scopes');
  for (const [name, parts] of scopes) {
    if (!names.includes(name)) {
      parts.section.remove();
      scopes.delete(name);
    }
  }
  if (scopes.size === 0) {
    main.replaceChildren();
  }
  for (const name of names) {
    if (!scopes.has(name)) {
      scopes.set(name, newScope(name));
      main.append(scopes.get(name).section);
    }
    showScope(name, scopes.get(name), status.connectors.filter(connector => connector.scope === name));
  }
  if (names.length === 0) {
    main.replaceChildren(h('p', {}, 'No connector of this server resumes sessions by this module.'));
  }
}

function newScope(name) {
  const parts = {connectors: h('div', {class: 'grid'}), ring: h('div'), version: h('span'), keys: h('tbody'), refusals: h('div'),
    stores: h('div'), sessions: h('div')};
  // What can have the focus is made once, so that it keeps it.
  const table = h('details', {}, h('summary', {}, 'Table of the keys', parts.version),
    h('table', {class: 'stack'}, h('thead', {}, h('tr', {}, ...['Key', 'State', 'Created', 'Seals from', 'Seals until', 'Erased']
      .map(title => h('th', {scope: 'col'}, title)))), parts.keys));
  parts.section = h('section', {'aria-label': 'Scope ' + name},
    h('h2', {}, 'Scope ' + name),
    parts.connectors,
    h('div', {class: 'grid'},
      h('div', {class: 'card wide'}, h('h3', {}, 'Ticket keys'), parts.ring, table),
      h('div', {class: 'card'}, h('h3', {}, 'Why sessions were not resumed'), parts.refusals),
      h('div', {class: 'card'}, h('h3', {}, 'Sessions'), parts.sessions, h('h3', {}, 'Stores'), parts.stores),
      newActions(name)));
  return parts;
}

function newActions(scope) {
  const kind = h('select', {name: 'kind'},
    ...[['session', 'session, by its id'], ['client', 'client, by address or key'], ['principal', 'user'], ['rule', 'clients of a rule'],
      ['everyone', 'everyone']].map(([value, text]) => h('option', {value}, text)));
  const name = h('input', {name: 'name', autocomplete: 'off', spellcheck: 'false', required: ''});
  kind.addEventListener('change', () => {
    name.disabled = kind.value === 'everyone';
  });
  const word = h('input', {name: 'word', autocomplete: 'off', spellcheck: 'false'});
  const drop = h('button', {class: 'danger', disabled: ''}, 'Drop all ticket keys');
  word.addEventListener('input', () => {
    drop.disabled = word.value !== 'drop';
  });
  return h('div', {class: 'card wide'}, h('h3', {}, 'Change'),
    h('form', {class: 'row rotate', on: {submit: event => {
      event.preventDefault();
      change('/api/keys/rotate', {scope}, 'There is a new ticket key; sessions go on.');
    }}}, h('button', {}, 'Rotate ticket keys now'), h('span', {class: 'soft'}, 'Sessions go on.')),
    h('form', {class: 'row forget', on: {submit: async event => {
      event.preventDefault();
      const body = kind.value === 'everyone' ? {scope, kind: kind.value} : {scope, kind: kind.value, name: name.value};
      if (await change('/api/forget', body, 'Forgotten: the next handshake is full.')) {
        name.value = '';
      }
    }}}, h('label', {}, 'Forget', kind), h('label', {}, 'Name', name), h('button', {}, 'Forget')),
    h('details', {}, h('summary', {}, 'Emergency: a ticket key may be stolen'),
      h('p', {class: 'soft'}, 'Drops every ticket key: every session of this scope ends, on all nodes, and needs one full handshake.'),
      h('form', {class: 'row drop', on: {submit: async event => {
        event.preventDefault();
        if (await change('/api/keys/drop', {scope, confirm: word.value}, 'All ticket keys were dropped: every session has ended.')) {
          word.value = '';
          drop.disabled = true;
        }
      }}}, h('label', {}, 'Type drop to confirm', word), drop)));
}

function showScope(name, parts, connectors) {
  // A connector whose resumption is off shows no keys, though others of its scope have some.
  const one = connectors.find(connector => connector.resumes) || connectors[0];
  const all = parts.connectors.clientWidth;
  const width = (connectors.length > 1 && all > 880 ? (all - 16) / 2 : all) - 34;
  parts.connectors.replaceChildren(...connectors.map(connector => showConnector(connector, width)));
  parts.ring.replaceChildren(...showRing(one, parts.ring.clientWidth));
  parts.version.textContent = ', ring version ' + one.ring.version;
  parts.keys.replaceChildren(...showKeys(one.ring.keys));
  parts.refusals.replaceChildren(showRefusals(connectors));
  const age = one.resumptionAge;
  parts.sessions.replaceChildren(
    h('p', {}, h('strong', {}, String(one.liveSessions)), ' live sessions of mode cache; those of mode ticket are with the clients.'),
    h('p', {}, h('strong', {}, String(one.forgotten)), one.forgotten === 1 ? ' entry on the forget list.' : ' entries on the forget list.'),
    h('p', {class: 'soft'}, 'A session lasts ' + duration(one.maxSessionDuration) + ' at most' +
      (age.count > 0 ? '; when resumed, 9 of 10 were not older than ' + duration(age.p90) : '') + '.'),
    h('p', {class: 'soft'}, 'TLS engine: ' + one.engine));
  parts.stores.replaceChildren(showStores(one.stores));
}

function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}

function seriesOf(connector) {
  const kept = history.series.filter(one => one.scope === connector.scope && one.name === connector.name);
  const lines = new Map();
  for (const one of kept) {
    const kind = one.result === 'full' ? 'full' : 'resumed';
    const key = one.protocol + ' ' + kind;
    const line = lines.get(key) || {protocol: one.protocol, kind, counts: history.seconds.map(() => 0)};
    one.counts.forEach((count, i) => {
      line.counts[i] += count;
    });
    lines.set(key, line);
  }
  return [...lines.values()].sort((a, b) => (a.protocol + a.kind < b.protocol + b.kind ? 1 : -1));
}

function share(handshakes) {
  const full = sum(handshakes.filter(one => one.result === 'full').map(one => one.count));
  const all = sum(handshakes.map(one => one.count));
  return {all, resumed: all - full, text: all === 0 ? '–' : Math.round(100 * (all - full) / all) + ' %'};
}

function showConnector(connector, width) {
  const total = share(connector.handshakes);
  const lines = seriesOf(connector);
  const resumed = sum(lines.filter(line => line.kind === 'resumed').map(line => sum(line.counts)));
  const recent = sum(lines.map(line => sum(line.counts)));
  let verdict = h('p', {class: 'verdict'}, 'No handshakes in the last 10 minutes');
  if (resumed > 0) {
    verdict = h('p', {class: 'verdict good'}, 'Resumes: ' + Math.round(100 * resumed / recent) + ' % of the last 10 minutes’ handshakes');
  } else if (recent > 0) {
    verdict = h('p', {class: 'verdict bad'}, 'Nothing resumed in the last 10 minutes, of ' + recent + ' handshakes');
  }
  const rows = ['TLSv1.3', 'TLSv1.2', 'other']
    .map(protocol => [protocol, connector.handshakes.filter(one => one.protocol === protocol)])
    .filter(([protocol, counts]) => protocol !== 'other' || share(counts).all > 0)
    .map(([protocol, counts]) => {
      const part = share(counts);
      return h('tr', {}, h('th', {scope: 'row'}, protocol), h('td', {}, connector.mode[protocol] || ''),
        h('td', {class: 'number'}, String(part.all)), h('td', {class: 'number'}, String(part.resumed)),
        h('td', {class: 'number'}, part.text));
    });
  const opening = connector.openTimes;
  const rules = showRules(connector.rules);
  return h('div', {class: 'card', 'data-connector': connector.name},
    h('h3', {}, 'Connector ' + connector.name), verdict, chart(lines, width),
    h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Protocol'), h('th', {scope: 'col'}, 'Mode'),
      h('th', {scope: 'col', class: 'number'}, 'Count'), h('th', {scope: 'col', class: 'number'}, 'Resumed'),
      h('th', {scope: 'col', class: 'number'}, 'Share'))), h('tbody', {}, rows)),
    ...rules,
    h('p', {class: 'soft'}, 'Since the start: ' + total.resumed + ' of ' + total.all + ' handshakes resumed a session.' +
      (opening.count > 0 ? ' 99 of 100 tickets were opened within ' + time(opening.p99) + '.' : '')));
}

function showRules(rules) {
  // Without rules the table of the protocols says it all.
  if (rules.length < 2) {
    return [];
  }
  const live = rules.some(rule => rule.liveSessions !== null);
  const titles = ['Count', 'Resumed', 'Share', ...(live ? ['In cache'] : [])];
  const rows = rules.map(rule => ({...rule, ...share(Object.entries(rule.handshakes).map(([result, count]) => ({result, count})))}));
  const shown = rows.length > MANY ? rows.filter(row => row.all > 0 || row.liveSessions > 0) : rows;
  return [h('table', {class: 'rules'}, h('caption', {}, 'Clients by rule'), h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Rule'),
    titles.map(title => h('th', {scope: 'col', class: 'number'}, title)))),
  h('tbody', {}, shown.map(row => h('tr', {'data-rule': row.rule}, h('th', {scope: 'row'}, row.rule),
    [row.all, row.resumed, row.text, row.liveSessions ?? '–'].slice(0, titles.length)
      .map((value, i) => h('td', {class: 'number', 'data-label': titles[i]}, String(value))))))),
  shown.length < rows.length ? h('p', {class: 'soft'}, (rows.length - shown.length) + ' more rules have met no client.') : null];
}

function chart(lines, available) {
  const width = Math.max(240, available);
  const height = 150;
  const left = 34;
  const bottom = 20;
  const rates = lines.flatMap(line => line.counts.map(count => count / history.interval));
  const top = nice(Math.max(0.2, ...rates));
  // Of ten minutes, those that are known; a server that has just started shows more than a corner.
  const points = Math.max(24, history.seconds.length);
  const x = i => left + (width - left - 6) * (points - history.seconds.length + i) / (points - 1);
  const y = rate => height - bottom - (height - bottom - 10) * rate / top;
  const said = lines.map(line => line.protocol + ' ' + line.kind + ' ' + sum(line.counts)).join(', ') || 'none';
  const svg = s('svg', {class: 'chart', viewBox: '0 0 ' + width + ' ' + height, role: 'img',
    'aria-label': 'Handshakes of the last 10 minutes: ' + said});
  for (const tick of [0, top / 2, top]) {
    svg.append(s('line', {class: 'axis', x1: left, x2: width - 6, y1: y(tick), y2: y(tick)}),
      s('text', {x: left - 6, y: y(tick) + 4, 'text-anchor': 'end'}, String(Math.round(tick * 100) / 100)));
  }
  svg.append(s('text', {x: left, y: height - 4}, duration(points * history.interval) + ' ago'), s('text', {x: width - 6, y: height - 4, 'text-anchor': 'end'}, 'now'));
  for (const line of lines) {
    const path = line.counts.map((count, i) => (i === 0 ? 'M' : 'L') + x(i).toFixed(1) + ' ' + y(count / history.interval).toFixed(1));
    svg.append(s('path', {class: styleOf(line), d: path.join('')}));
  }
  const legend = lines.map(line => h('li', {}, s('svg', {viewBox: '0 0 22 10', 'aria-hidden': 'true'},
    s('path', {class: styleOf(line), d: 'M0 5L22 5'})), line.protocol + ' ' + line.kind));
  return h('figure', {}, svg,
    h('ul', {class: 'legend'}, legend, h('li', {class: 'soft'}, 'handshakes per second')));
}

function styleOf(line) {
  const protocol = {'TLSv1.3': 'tls13', 'TLSv1.2': 'tls12'}[line.protocol] || 'other';
  return 'series ' + protocol + ' ' + line.kind;
}

function nice(value) {
  const power = Math.pow(10, Math.floor(Math.log10(value)));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value);
}

function showRing({ring, resumes}, available) {
  if (!resumes) {
    return [h('p', {class: 'soft'}, 'Resumption is off: every handshake is full, and there are no ticket keys.')];
  }
  if (ring.keys.length === 0) {
    return [h('p', {class: 'bad'}, 'There is no ticket key: handshakes are full, or resume by session id.')];
  }
  const now = Date.parse(status.time);
  const from = Math.min(now, ...ring.keys.map(key => Date.parse(key.created)));
  const until = Math.max(now, ...ring.keys.map(key => Date.parse(key.opensUntil)));
  const width = Math.max(280, available || 0);
  const row = 36;
  const height = 46 + row * ring.keys.length;
  const x = instant => 2 + (width - 4) * (instant - from) / Math.max(1, until - from);
  const svg = s('svg', {class: 'ring', viewBox: '0 0 ' + width + ' ' + height, role: 'img',
    'aria-label': ring.keys.length + ' ticket keys in time; the table below says the same'});
  if (ring.exposure !== null) {
    const start = x(Date.parse(ring.exposure.from));
    svg.append(s('rect', {class: 'exposure', x: start, y: 20, width: x(Date.parse(ring.exposure.to)) - start, height: 8, rx: 2}));
  }
  ring.keys.forEach((key, i) => {
    const at = 34 + i * row;
    const times = [key.created, key.sealsFrom, key.sealsUntil, key.opensUntil].map(text => x(Date.parse(text)));
    ['lead', 'sealing', 'opening'].forEach((phase, j) => {
      svg.append(s('rect', {class: phase, x: times[j], y: at + 14, width: Math.max(0, times[j + 1] - times[j]), height: 12}));
    });
  });
  svg.append(s('line', {class: 'now', x1: x(now), x2: x(now), y1: 16, y2: height - 14}),
    ...ring.keys.map((key, i) => s('text', {x: 2, y: 44 + i * row}, key.id.slice(0, 8) + ' ' + STATES[key.state])),
    s('text', {class: 'now-text', x: Math.min(Math.max(x(now), 12), width - 12), y: 12, 'text-anchor': 'middle'}, 'now'),
    s('text', {x: 2, y: height - 2}, moment(new Date(from))),
    s('text', {x: width - 2, y: height - 2, 'text-anchor': 'end'}, moment(new Date(until))));
  const box = phase => s('svg', {viewBox: '0 0 22 10', 'aria-hidden': 'true'}, s('rect', {class: phase, width: 22, height: 10}));
  const facts = [];
  if (ring.rotatedHere === false) {
    facts.push('Whoever writes the file of these keys rotates them, not this server.');
  }
  if (ring.nextRotation !== null) {
    facts.push('The next key seals in ' + duration((Date.parse(ring.nextRotation) - now) / 1000) + '.');
  }
  if (ring.exposure !== null) {
    facts.push('A key stolen now opens tickets from ' + moment(ring.exposure.from) + ' to ' + moment(ring.exposure.to) + '.');
  }
  return [
    h('p', {}, facts.join(' ')), svg,
    h('ul', {class: 'legend'}, h('li', {}, box('lead'), 'lead: known, not sealing yet'), h('li', {}, box('sealing'), 'seals new tickets'),
      h('li', {}, box('opening'), 'opens only; erased at its end'), h('li', {}, box('exposure'), 'exposed, if a key is stolen now'))];
}

function showKeys(keys) {
  return keys.map(key => h('tr', {}, h('th', {scope: 'row'}, key.id), h('td', {'data-label': 'State'}, STATES[key.state]),
    ...[['created', 'Created'], ['sealsFrom', 'Seals from'], ['sealsUntil', 'Seals until'], ['opensUntil', 'Erased']]
      .map(([name, label]) => h('td', {'data-label': label}, moment(key[name])))));
}

function showRefusals(connectors) {
  const counts = new Map();
  for (const connector of connectors) {
    for (const [reason, count] of Object.entries(connector.refusals)) {
      counts.set(reason, (counts.get(reason) || 0) + count);
    }
  }
  const met = [...counts].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  if (met.length === 0) {
    return h('p', {class: 'soft'}, 'No ticket was refused since the start.');
  }
  return h('table', {class: 'stack'}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Reason'),
    h('th', {scope: 'col', class: 'number'}, 'Handshakes'), h('th', {scope: 'col'}, 'Means'))),
  h('tbody', {}, met.map(([reason, count]) => h('tr', {'data-reason': reason}, h('th', {scope: 'row'}, reason),
    h('td', {class: 'number', 'data-label': 'Handshakes'}, String(count)), h('td', {}, reasons[reason] || '')))));
}

function showStores(stores) {
  if (stores.length === 0) {
    return h('p', {class: 'soft'}, 'None: all is in memory.');
  }
  return h('table', {class: 'stack'}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Store'), h('th', {scope: 'col'}, 'Health'),
    h('th', {scope: 'col'}, 'Last contact'))),
  h('tbody', {}, stores.map(store => h('tr', {}, h('th', {scope: 'row'}, store.store),
    h('td', {}, h('span', {class: store.well ? 'good' : 'bad'}, store.well ? '✓ well' : '✗ ' + store.problem),
      h('div', {class: 'soft'}, store.place)),
    h('td', {'data-label': 'Last contact'}, store.lastContact === null ? 'never'
      : duration((Date.parse(status.time) - Date.parse(store.lastContact)) / 1000) + ' ago')))));
}

byId('login').addEventListener('submit', event => {
  event.preventDefault();
  refresh();
});
setInterval(refresh, 3000);
addEventListener('resize', () => {
  if (status !== null) {
    show();
  }
});
refresh();
