/* Elements of the page, and how durations and instants are written. */

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

export function duration(seconds) {
  const total = Math.round(Math.abs(seconds));
  const days = Math.floor(total / 86400);
  const hours = Math.floor(total % 86400 / 3600);
  const minutes = Math.floor(total % 3600 / 60);
  if (days > 0) {
    return days + ' d' + (hours > 0 ? ' ' + hours + ' h' : '');
  }
  if (hours > 0) {
    return hours + ' h' + (minutes > 0 ? ' ' + minutes + ' min' : '');
  }
  return minutes > 0 ? minutes + ' min' : total + ' s';
}

export function moment(text) {
  return new Date(text).toLocaleString(undefined, {weekday: 'short', hour: '2-digit', minute: '2-digit'});
}

export function time(nanos) {
  if (nanos === null) {
    return 'more than 1 s';
  }
  return nanos >= 1e6 ? nanos / 1e6 + ' ms' : nanos / 1e3 + ' µs';
}
