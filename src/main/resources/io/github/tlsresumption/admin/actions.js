/* What changes something, with the password beside it. */

import {fold, h} from './elements.js';

const KINDS = [['session', 'session, by its id'], ['client', 'client, by address or key'], ['principal', 'user'],
  ['rule', 'clients of a rule'], ['everyone', 'everyone']];

/* A word that says: yes, I mean it. */
function confirmed(input, button, word) {
  button.disabled = word !== null && input.value !== word;
}

export function newActions(scope, change) {
  const password = h('input', {type: 'password', autocomplete: 'off', class: 'password'});
  const send = (path, body, done) => change(path, {scope, ...body}, done, password);
  const {details, summary} = fold(() => {},
    h('label', {class: 'secret'}, 'Password of the user admin, for each of these', password),
    rotation(send), forgetting(send), dropping(send));
  summary.textContent = 'Change: rotate ticket keys, forget sessions, drop ticket keys';
  details.classList.add('change');
  return details;
}

function rotation(send) {
  return h('form', {class: 'row rotate', on: {submit: event => {
    event.preventDefault();
    send('/api/keys/rotate', {}, 'There is a new ticket key; sessions go on.');
  }}}, h('button', {}, 'Rotate ticket keys now'), h('span', {class: 'soft'}, 'Sessions go on.'));
}

function forgetting(send) {
  const kind = h('select', {name: 'kind'}, KINDS.map(([value, text]) => h('option', {value}, text)));
  const name = h('input', {name: 'name', autocomplete: 'off', spellcheck: 'false', required: ''});
  const label = h('span', {}, 'Name');
  const button = h('button', {}, 'Forget');
  const isEveryone = () => kind.value === 'everyone';
  const check = () => confirmed(name, button, isEveryone() ? 'everyone' : null);
  kind.addEventListener('change', () => {
    name.value = '';
    label.textContent = isEveryone() ? 'Type everyone to confirm' : 'Name';
    button.textContent = isEveryone() ? 'Forget everyone' : 'Forget';
    button.className = isEveryone() ? 'danger' : '';
    check();
  });
  name.addEventListener('input', check);
  return h('form', {class: 'row forget', on: {submit: async event => {
    event.preventDefault();
    const body = isEveryone() ? {kind: kind.value} : {kind: kind.value, name: name.value};
    if (!button.disabled && await send('/api/forget', body, 'Forgotten: the next handshake is full.')) {
      name.value = '';
      check();
    }
  }}}, h('label', {}, 'Forget', kind), h('label', {}, label, name), button);
}

function dropping(send) {
  const word = h('input', {name: 'word', autocomplete: 'off', spellcheck: 'false'});
  const button = h('button', {class: 'danger', disabled: ''}, 'Drop all ticket keys');
  word.addEventListener('input', () => confirmed(word, button, 'drop'));
  return h('div', {}, h('h3', {}, 'Emergency: a ticket key may be stolen'),
    h('p', {class: 'soft'}, 'Drops every ticket key: every session of this scope ends, on all nodes, and needs one full handshake.'),
    h('form', {class: 'row drop', on: {submit: async event => {
      event.preventDefault();
      if (!button.disabled &&
          await send('/api/keys/drop', {confirm: word.value}, 'All ticket keys were dropped: every session has ended.')) {
        word.value = '';
        confirmed(word, button, 'drop');
      }
    }}}, h('label', {}, 'Type drop to confirm', word), button));
}
