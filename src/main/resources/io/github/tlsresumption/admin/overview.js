/* A row for each connector. */

import {duration, h, head, moment, number, percent, rate, s} from './elements.js';

const MARKS = {bad: '✗', warning: '!', note: '–'};

/* How the share of resumed handshakes is, beside what is usual for that connector. */
export function levelOf({recent}) {
  if (recent.unusuallyLow) {
    return recent.resumed === 0 ? 'bad' : 'warning';
  }
  return recent.usualShare !== null && recent.full + recent.resumed >= 20 ? 'good' : 'plain';
}

export function shareOf({recent}) {
  const all = recent.full + recent.resumed;
  return all === 0 ? null : recent.resumed / all;
}

export function backendOf(connector) {
  return connector.stores.find(store => store.store === 'ticket-keys') || {place: 'memory', well: true};
}

export function finding({level, text}) {
  return h('p', {class: 'finding ' + level}, h('span', {class: 'mark', 'aria-hidden': 'true'}, MARKS[level]), ' ' + text);
}

function bar(connector, level) {
  const share = shareOf(connector) ?? 0;
  const usual = connector.recent.usualShare;
  return s('svg', {class: 'share ' + level, viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
    s('rect', {class: 'whole', width: 100, height: 6}), s('rect', {class: 'part', width: 100 * share, height: 6}),
    usual === null ? null : s('rect', {class: 'usual', x: Math.min(99, 100 * usual), width: 1, height: 6}));
}

function row(connector, status, anchor) {
  const {recent, ring, findings} = connector;
  const level = levelOf(connector);
  const share = shareOf(connector);
  const all = recent.full + recent.resumed;
  const backend = backendOf(connector);
  const [kind, ...where] = backend.place.split(' ');
  const until = ring.nextRotation === null ? null : (Date.parse(ring.nextRotation) - Date.parse(status.time)) / 1000;
  const usual = recent.usualShare === null ? '' : '; usually ' + percent(recent.usualShare);
  return h('tr', {'data-overview': connector.name},
    h('th', {scope: 'row'}, h('a', {href: '#' + anchor}, connector.name), h('div', {class: 'soft'}, 'scope ' + connector.scope)),
    h('td', {'data-label': 'Resumed', class: 'resumption'}, h('strong', {class: level}, share === null ? '–' : percent(share)),
      bar(connector, level), h('div', {class: 'soft'}, 'of ' + number(all) + usual)),
    h('td', {'data-label': 'Handshakes', class: 'number'}, rate(recent.seconds > 0 ? all / recent.seconds : 0) + ' /s'),
    h('td', {'data-label': 'Findings', class: 'findings'}, findings.length === 0 ? h('p', {class: 'finding good'},
      h('span', {class: 'mark', 'aria-hidden': 'true'}, '✓'), ' Healthy') : finding(findings[0]),
    findings.length > 1 ? h('div', {class: 'soft'}, 'and ' + (findings.length - 1) + ' more, below') : null),
    h('td', {'data-label': 'Next rotation'}, until === null ? '–' : 'in ' + duration(until),
      until === null ? null : h('div', {class: 'soft'}, moment(ring.nextRotation))),
    h('td', {'data-label': 'Backend', class: 'backend'}, backend.well ? kind : h('span', {class: 'bad'}, '✗ ' + kind),
      where.length === 0 ? null : h('div', {class: 'soft'}, where.join(' '))));
}

export function overview(status, anchorOf) {
  const length = Math.max(0, ...status.connectors.map(connector => connector.recent.seconds));
  return h('div', {class: 'card wide'}, h('table', {class: 'stack overview'},
    h('caption', {class: 'spoken'}, 'Connectors'),
    head(['Connector', 'Resumed', 'Handshakes#', 'Worst finding', 'Next rotation', 'Backend']),
    h('tbody', {}, status.connectors.map(connector => row(connector, status, anchorOf(connector))))),
  h('p', {class: 'soft'}, 'Handshakes of the last ' + duration(length) + '.'));
}
