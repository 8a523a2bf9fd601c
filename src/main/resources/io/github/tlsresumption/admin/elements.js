/* Elements of the page, and how numbers, durations and instants are written. */

const SVG = 'http://www.w3.org/2000/svg';

export function byId(id) {
  return document.getElementById(id);
}

function set(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter(child => child !== null));
  return element;
}

export function h(tag, attributes = {}, ...children) {
  return set(document.createElement(tag), attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  return set(document.createElementNS(SVG, tag), attributes, children);
}

/* Column titles that end in # are those of numbers. */
export function head(titles) {
  return h('thead', {}, h('tr', {}, titles.map(title => title.endsWith('#')
    ? h('th', {scope: 'col', class: 'number'}, title.slice(0, -1)) : h('th', {scope: 'col'}, title))));
}

/* What is folded, with a summary that is worth reading by itself. */
export function fold(shown, ...children) {
  const summary = h('summary');
  const details = h('details', {on: {toggle: shown}}, summary, ...children);
  return {details, summary};
}

/* A number and its unit stay on one line. */
const SPACE = '\u00a0';

export function duration(seconds) {
  const total = Math.round(Math.abs(seconds));
  const parts = [[Math.floor(total / 86400), 'd'], [Math.floor(total % 86400 / 3600), 'h'], [Math.floor(total % 3600 / 60), 'min'], [total % 60, 's']];
  const first = parts.findIndex(([count]) => count > 0);
  // Two units say it, but seconds beside minutes say too much.
  return first < 0 ? '0' + SPACE + 's' : parts.slice(first, first === 2 ? 3 : first + 2).filter(([count]) => count > 0)
    .map(([count, unit]) => count + SPACE + unit).join(' ');
}

/* The zone is the browser's. */
export function moment(text) {
  return new Date(text).toLocaleString('en-GB', {weekday: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short'});
}

export function clock(seconds, zone = {}) {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', zone);
}

export function time(nanos) {
  if (nanos === null) {
    return 'more than 1 s';
  }
  return nanos >= 1e6 ? nanos / 1e6 + SPACE + 'ms' : nanos / 1e3 + SPACE + 'µs';
}

export function number(count) {
  return count.toLocaleString('en-GB').replaceAll(',', '\u202f');
}

export function counted(count, one, many) {
  return number(count) + ' ' + (count === 1 ? one : many);
}

export function rate(perSecond) {
  if (perSecond === 0) {
    return '0';
  }
  return perSecond >= 10 ? number(Math.round(perSecond)) : perSecond >= 0.1 ? perSecond.toFixed(1) : perSecond.toPrecision(1);
}

export function percent(share) {
  return Math.round(100 * share) + SPACE + '%';
}

export function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}
