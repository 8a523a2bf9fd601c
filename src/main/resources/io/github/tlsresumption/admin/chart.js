/* Resumed and full handshakes over time, one upon the other, a bar for each interval: a single handshake is a bar too. */

import {clock, h, number, percent, rate, s, sum} from './elements.js';

const HEIGHT = 170;
const LEFT = 38;
const RIGHT = 6;
const TOP = 26;
const BOTTOM = 22;
const LEAST_BAR = 4;

/* What is known of a connector: for each interval its end, and the counts. */
export function seriesOf(history, connector) {
  const kept = history.series.filter(one => one.scope === connector.scope && one.name === connector.name);
  const total = chosen => history.seconds.map((_, i) => sum(chosen.map(one => one.counts[i])));
  const protocols = [...new Set(kept.map(one => one.protocol))].sort().reverse();
  return {
    interval: history.interval,
    seconds: history.seconds,
    resumed: total(kept.filter(one => one.result !== 'full')),
    full: total(kept.filter(one => one.result === 'full')),
    said: protocols.flatMap(protocol => ['resumed', 'full'].map(kind => protocol + ' ' + kind + ' ' +
      sum(kept.filter(one => one.protocol === protocol && (one.result === 'full') === (kind === 'full')).flatMap(one => one.counts))))
      .join(', ') || 'none'
  };
}

/* Neighbours together, where there is too little room for each. */
function bars(series, width) {
  const slots = Math.max(24, series.seconds.length);
  const group = Math.max(1, Math.ceil(slots * LEAST_BAR / (width - LEFT - RIGHT)));
  const all = [];
  for (let end = series.seconds.length; end > 0; end -= group) {
    const begin = Math.max(0, end - group);
    all.unshift({until: series.seconds[end - 1], from: series.seconds[begin] - series.interval,
      length: (end - begin) * series.interval, resumed: sum(series.resumed.slice(begin, end)), full: sum(series.full.slice(begin, end))});
  }
  return {all, slots: Math.ceil(slots / group)};
}

function nice(value) {
  const power = Math.pow(10, Math.floor(Math.log10(value)));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value * 0.999);
}

function tick(value) {
  return String(Math.round(value * 100) / 100);
}

export class Chart {
  constructor() {
    this.svg = s('svg', {class: 'chart', role: 'img', tabindex: '0'});
    this.spoken = h('p', {class: 'spoken', 'aria-live': 'polite'});
    const box = kind => s('svg', {viewBox: '0 0 12 12', 'aria-hidden': 'true'}, s('rect', {class: kind, width: 12, height: 12, rx: 2}));
    this.figure = h('figure', {}, this.svg, h('ul', {class: 'legend'}, h('li', {}, box('full'), 'full'),
      h('li', {}, box('resumed'), 'resumed')), this.spoken);
    this.chosen = null;
    this.svg.addEventListener('pointermove', event => this.point(event.clientX));
    this.svg.addEventListener('pointerdown', event => this.point(event.clientX));
    this.svg.addEventListener('pointerleave', () => this.choose(null));
    this.svg.addEventListener('blur', () => this.choose(null));
    this.svg.addEventListener('keydown', event => this.key(event));
  }

  point(clientX) {
    const box = this.svg.getBoundingClientRect();
    const at = this.all.findIndex((bar, i) => this.x(i) <= clientX - box.left && clientX - box.left < this.x(i + 1));
    this.choose(at < 0 ? null : this.all[at].until);
  }

  key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step !== undefined && this.all.length > 0) {
      event.preventDefault();
      const now = this.all.findIndex(bar => bar.until === this.chosen);
      const next = now < 0 ? this.all.length - 1 : Math.min(this.all.length - 1, Math.max(0, now + step));
      this.choose(this.all[next].until);
      this.spoken.textContent = this.figures(this.all[next]).join(', ');
    } else if (event.key === 'Escape') {
      this.choose(null);
    }
  }

  choose(until) {
    if (this.chosen !== until) {
      this.chosen = until;
      this.hint();
    }
  }

  show(series, available) {
    this.width = Math.max(220, available);
    const {all, slots} = bars(series, this.width);
    this.all = all;
    const step = (this.width - LEFT - RIGHT) / slots;
    this.x = i => this.width - RIGHT - step * (all.length - i);
    const top = nice(Math.max(0.2, ...all.map(bar => (bar.resumed + bar.full) / bar.length)));
    const y = perSecond => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * perSecond / top;
    this.svg.setAttribute('viewBox', '0 0 ' + this.width + ' ' + HEIGHT);
    this.svg.setAttribute('aria-label', 'Handshakes of the last 10 minutes: ' + series.said + '. Arrow keys tell of each interval.');
    const marks = s('g', {}, [0, top / 2, top].flatMap(value => [
      s('line', {class: 'axis', x1: LEFT, x2: this.width - RIGHT, y1: y(value), y2: y(value)}),
      s('text', {x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end'}, tick(value))]),
    s('text', {x: 0, y: 12}, 'Handshakes per second'));
    if (all.length > 0) {
      const begin = all[all.length - 1].until - slots * series.interval * Math.round(all[all.length - 1].length / series.interval || 1);
      marks.append(s('text', {x: LEFT, y: HEIGHT - 5}, clock(begin)),
        s('text', {x: this.width - RIGHT, y: HEIGHT - 5, 'text-anchor': 'end'},
          clock(all[all.length - 1].until, {timeZoneName: 'short'})));
    }
    const drawn = s('g', {}, all.flatMap((bar, i) => {
      const resumed = y(bar.resumed / bar.length);
      const both = y((bar.resumed + bar.full) / bar.length);
      const width = Math.max(1, step - (step > 3 ? 1 : 0));
      return [bar.resumed > 0 ? s('rect', {class: 'resumed', x: this.x(i), y: resumed, width, height: y(0) - resumed}) : null,
        bar.full > 0 ? s('rect', {class: 'full', x: this.x(i), y: both, width, height: resumed - both}) : null];
    }));
    this.step = step;
    this.hints = s('g', {class: 'hint'});
    this.svg.replaceChildren(marks, drawn, this.hints);
    this.hint();
  }

  figures(bar) {
    const all = bar.resumed + bar.full;
    return [clock(bar.from) + ' to ' + clock(bar.until), number(bar.resumed) + ' resumed, ' + number(bar.full) + ' full',
      all === 0 ? 'no handshake' : percent(bar.resumed / all) + ' of ' + rate(all / bar.length) + ' per second'];
  }

  hint() {
    const at = this.all.findIndex(bar => bar.until === this.chosen);
    if (at < 0) {
      this.hints.replaceChildren();
      return;
    }
    const width = 170;
    const x = this.x(at) + this.step / 2;
    const left = x + 8 + width > this.width ? x - 8 - width : x + 8;
    this.hints.replaceChildren(s('line', {x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM}),
      s('rect', {x: left, y: TOP - 2, width, height: 58, rx: 5}),
      ...this.figures(this.all[at]).map((line, i) => s('text', {x: left + 9, y: TOP + 15 + 17 * i}, line)));
  }
}
