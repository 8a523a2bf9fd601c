/* The ticket keys in time, and as a table. */

import {duration, h, head, moment, s} from './elements.js';

const STATES = {published: 'published, seals soon', sealing: 'sealing', opening: 'opening only', ended: 'ended'};
const ROW = 36;

export function ringSummary({ring, resumes}, now) {
  if (!resumes) {
    return 'Ticket keys: none, since resumption is off';
  }
  const next = ring.nextRotation === null ? '' : ', the next one seals in ' + duration((Date.parse(ring.nextRotation) - now) / 1000);
  return 'Ticket keys: ' + (ring.keys.length || 'none') + next;
}

function facts(ring, now) {
  const found = [];
  if (ring.rotatedHere === false) {
    found.push('Whoever writes the file of these keys rotates them, not this server.');
  }
  if (ring.nextRotation !== null) {
    found.push('The next key seals from ' + moment(ring.nextRotation) + ', in ' + duration((Date.parse(ring.nextRotation) - now) / 1000) + '.');
  }
  if (ring.exposure !== null) {
    found.push('A key stolen now opens tickets from ' + moment(ring.exposure.from) + ' to ' + moment(ring.exposure.to) + '.');
  }
  found.push('Ring version ' + ring.version + '.');
  return h('p', {}, found.join(' '));
}

export function showRing({ring, resumes}, now, available) {
  if (!resumes) {
    return [h('p', {class: 'soft'}, 'Resumption is off: every handshake is full, and there are no ticket keys.')];
  }
  if (ring.keys.length === 0) {
    return [h('p', {class: 'bad'}, 'There is no ticket key: handshakes are full, or resume by session id.')];
  }
  const box = phase => s('svg', {viewBox: '0 0 22 10', 'aria-hidden': 'true'}, s('rect', {class: phase, width: 22, height: 10}));
  return [facts(ring, now), drawing(ring, now, Math.max(280, available)),
    h('ul', {class: 'legend wide'}, h('li', {}, box('lead'), 'lead: known, not sealing yet'), h('li', {}, box('sealing'), 'seals new tickets'),
      h('li', {}, box('opening'), 'opens only; erased at its end'), h('li', {}, box('exposure'), 'exposed, if a key is stolen now')),
    h('table', {class: 'stack keys'}, head(['Key', 'State', 'Created', 'Seals from', 'Seals until', 'Erased']),
      h('tbody', {}, ring.keys.map(key => h('tr', {}, h('th', {scope: 'row'}, key.id), h('td', {'data-label': 'State'}, STATES[key.state]),
        ...[['created', 'Created'], ['sealsFrom', 'Seals from'], ['sealsUntil', 'Seals until'], ['opensUntil', 'Erased']]
          .map(([name, label]) => h('td', {'data-label': label}, moment(key[name])))))))];
}

function drawing(ring, now, width) {
  const from = Math.min(now, ...ring.keys.map(key => Date.parse(key.created)));
  const until = Math.max(now, ...ring.keys.map(key => Date.parse(key.opensUntil)));
  const height = 46 + ROW * ring.keys.length;
  const x = instant => 2 + (width - 4) * (instant - from) / Math.max(1, until - from);
  const svg = s('svg', {class: 'ring', viewBox: '0 0 ' + width + ' ' + height, role: 'img',
    'aria-label': ring.keys.length + ' ticket keys in time; the table below says the same'});
  if (ring.exposure !== null) {
    const start = x(Date.parse(ring.exposure.from));
    svg.append(s('rect', {class: 'exposure', x: start, y: 20, width: x(Date.parse(ring.exposure.to)) - start, height: 8, rx: 2}));
  }
  ring.keys.forEach((key, i) => {
    const at = 34 + i * ROW;
    const times = [key.created, key.sealsFrom, key.sealsUntil, key.opensUntil].map(text => x(Date.parse(text)));
    ['lead', 'sealing', 'opening'].forEach((phase, j) => {
      svg.append(s('rect', {class: phase, x: times[j], y: at + 14, width: Math.max(0, times[j + 1] - times[j]), height: 12}));
    });
  });
  svg.append(s('line', {class: 'now', x1: x(now), x2: x(now), y1: 16, y2: height - 14}),
    ...ring.keys.map((key, i) => s('text', {x: 2, y: 44 + i * ROW}, key.id.slice(0, 8) + ' ' + STATES[key.state])),
    s('text', {class: 'now-text', x: Math.min(Math.max(x(now), 12), width - 12), y: 12, 'text-anchor': 'middle'}, 'now'),
    s('text', {x: 2, y: height - 2}, moment(new Date(from))),
    s('text', {x: width - 2, y: height - 2, 'text-anchor': 'end'}, moment(new Date(until))));
  return svg;
}
