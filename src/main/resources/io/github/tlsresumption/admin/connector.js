/* One connector: its share, its handshakes in time, why they were full, and its rules. */

import {counted, duration, fold, h, head, number, percent, sum, time} from './elements.js';
import {finding, levelOf, shareOf} from './overview.js';
import {Chart, seriesOf} from './chart.js';

const MANY = 20;
const PROTOCOLS = ['TLSv1.3', 'TLSv1.2', 'other'];

function share(handshakes) {
  const full = sum(handshakes.filter(one => one.result === 'full').map(one => one.count));
  const all = sum(handshakes.map(one => one.count));
  return {all, resumed: all - full, text: all === 0 ? '–' : percent((all - full) / all)};
}

function modes(mode) {
  const known = [['TLSv1.3', 'TLS 1.3'], ['TLSv1.2', 'TLS 1.2']].filter(([protocol]) => mode[protocol]);
  if (known.length === 2 && mode['TLSv1.3'] === mode['TLSv1.2']) {
    return mode['TLSv1.3'];
  }
  return known.map(([protocol, name]) => name + ' ' + mode[protocol]).join(', ');
}

export class ConnectorCard {
  constructor(connector, anchor, again) {
    this.chart = new Chart();
    this.verdict = h('p', {class: 'verdict'});
    this.findings = h('div');
    this.facts = h('p', {class: 'soft'});
    this.fullBody = h('div');
    this.full = fold(again, this.fullBody);
    this.protocolsBody = h('div');
    this.protocols = fold(again, this.protocolsBody);
    this.rulesBody = h('div');
    this.rules = fold(again, this.rulesBody);
    this.card = h('div', {class: 'card', id: anchor, 'data-connector': connector.name}, h('h3', {}, 'Connector ' + connector.name),
      this.verdict, this.findings, this.chart.figure, this.full.details, this.protocols.details, this.rules.details, this.facts);
  }

  show(connector, history, reasons, width) {
    const {recent} = connector;
    const all = recent.full + recent.resumed;
    this.verdict.className = 'verdict ' + levelOf(connector);
    this.verdict.textContent = all === 0 ? 'No handshake in the last ' + duration(recent.seconds)
      : percent(shareOf(connector)) + ' resumed: ' + number(recent.resumed) + ' of ' + number(all) + ' handshakes in the last ' +
        duration(recent.seconds) + (recent.checkConnections > 0 ? ', of these ' + number(recent.checkConnections) + ' by check' : '');
    this.findings.replaceChildren(...connector.findings.map(finding));
    this.chart.show(seriesOf(history, connector), width);
    this.showFull(connector, reasons);
    this.showProtocols(connector);
    this.showRules(connector);
    const opening = recent.openTimes;
    this.facts.textContent = (opening.count > 0 ? 'To open a ticket takes ' + (opening.p50 === null ? '' : 'up to ') + time(opening.p50) +
      ' at the median, ' + (opening.p99 === null ? '' : 'up to ') + time(opening.p99) + ' at the 99th percentile (' + counted(opening.count, 'ticket', 'tickets') +
      ' in the last ' + duration(recent.seconds) + '). ' : '') + 'TLS engine: ' + connector.engine + '.';
  }

  showFull({recent, refusals}, reasons) {
    this.full.summary.textContent = counted(recent.full, 'full handshake', 'full handshakes') + ': ' +
      number(recent.withoutTicket) + ' brought no ticket, ' + number(recent.refused) + ' refused, ' + number(recent.byPolicy) + ' by policy';
    const met = Object.keys(refusals).filter(reason => refusals[reason] > 0)
      .sort((one, other) => recent.refusals[other] - recent.refusals[one] || refusals[other] - refusals[one]);
    const row = (name, count, total, text) => h('tr', {'data-reason': name}, h('th', {scope: 'row'}, name),
      h('td', {class: 'number', 'data-label': 'Last 10 minutes'}, number(count)),
      h('td', {class: 'number', 'data-label': 'Since the start'}, total === null ? '–' : number(total)), h('td', {}, text));
    this.fullBody.replaceChildren(h('table', {class: 'stack full-handshakes'},
      head(['Why', 'Last 10 min#', 'Since start#', 'Means']),
      h('tbody', {}, row('no ticket', recent.withoutTicket, null, 'The client offered no session: it is new here, or its sessions had ended.'),
        row('policy: off', recent.byPolicy, null, 'The client’s mode is off.'),
        met.map(reason => row(reason, recent.refusals[reason], refusals[reason], reasons[reason] || '')))),
    h('p', {class: 'soft'}, 'A handshake counts for each reason that it met, and a client may offer several tickets, so the parts may exceed the whole.'));
  }

  showProtocols(connector) {
    const rows = PROTOCOLS
      .map(protocol => [protocol, share(connector.handshakes.filter(one => one.protocol === protocol))])
      .filter(([protocol, part]) => protocol !== 'other' || part.all > 0);
    const total = share(connector.handshakes);
    this.protocols.summary.textContent = 'By protocol, since the start: ' + rows.map(([protocol, part]) => protocol.replace('TLSv', 'TLS ') +
      ' ' + part.text).join(', ');
    const cell = (label, value) => h('td', {class: 'number', 'data-label': label}, value);
    this.protocolsBody.replaceChildren(h('table', {class: 'rules'}, head(['Protocol', 'Mode', 'Handshakes#', 'Resumed#', 'Share#']),
      h('tbody', {}, rows.map(([protocol, part]) => h('tr', {}, h('th', {scope: 'row'}, protocol),
        h('td', {'data-label': 'Mode'}, connector.mode[protocol] || ''), cell('Handshakes', number(part.all)),
        cell('Resumed', number(part.resumed)), cell('Share', part.text))))),
    h('p', {class: 'soft'}, 'Since the start ' + number(total.resumed) + ' of ' + number(total.all) + ' handshakes resumed a session.'));
  }

  showRules({rules}) {
    // Without rules the table of the protocols says it all.
    this.rules.details.hidden = rules.length < 2;
    const live = rules.some(rule => rule.liveSessions !== null);
    const titles = ['Mode', 'Lasts', 'Handshakes#', 'Resumed#', 'Share#', ...(live ? ['In cache#'] : [])];
    const rows = rules.map(rule => ({...rule, ...share(Object.entries(rule.handshakes).map(([result, count]) => ({result, count})))}));
    const shown = rows.length > MANY ? rows.filter(row => row.all > 0 || row.liveSessions > 0) : rows;
    this.rules.summary.textContent = 'By rule, since the start: ' + (rows.length > 5 ? (rows.length - 1) + ' rules'
      : rows.map(row => row.rule + ' ' + row.text).join(', '));
    this.rulesBody.replaceChildren(h('table', {class: 'rules'}, head(['Rule', ...titles]),
      h('tbody', {}, shown.map(row => h('tr', {'data-rule': row.rule}, h('th', {scope: 'row'}, row.rule),
        [modes(row.mode) || '–', row.maxSessionDuration === null ? '–' : duration(row.maxSessionDuration), number(row.all),
          number(row.resumed), row.text, row.liveSessions === null ? '–' : number(row.liveSessions)].slice(0, titles.length)
          .map((value, i) => h('td', {...(titles[i].endsWith('#') ? {class: 'number'} : {}), 'data-label': titles[i].replace('#', '')}, value)))))),
    shown.length < rows.length ? h('p', {class: 'soft'}, (rows.length - shown.length) + ' more rules have met no client.') : '');
  }
}
