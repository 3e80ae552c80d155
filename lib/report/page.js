// The report's page: unfolds, sorts and filters its tables, draws its charts and changes their theme.
const { charts, datasets, methods } = JSON.parse(document.getElementById('charts').textContent);
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Lines that unfold.
function unfold(line, open) {
  line.classList.toggle('open', open);
  const button = line.querySelector('.unfold');
  button.setAttribute('aria-expanded', String(open));
  button.textContent = open ? '−' : '+';
}
for (const button of all('.unfold')) {
  const line = button.closest('tbody');
  button.addEventListener('click', () => unfold(line, !line.classList.contains('open')));
}

function showTarget() {
  const line = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = line?.closest('main details');
  for (let one = folded; one; one = one.parentElement.closest('main details')) one.open = true;
  if (line?.matches('main details')) line.open = true;
  else if (folded) line.scrollIntoView();
  if (!line?.matches('tbody')) return;
  if (line.hidden) {
    filters.reset();
    filter();
  }
  unfold(line, true);
  line.scrollIntoView({ block: 'start' });
  line.querySelector('.unfold').focus({ preventScroll: true });
}

// Sorting: the first press of a number's column brings the largest up, the third the paper's order back.
function sortKey(line, column) {
  const cell = line.rows[0].cells[column];
  const given = cell.dataset.sort;
  if (given === undefined) return cell.textContent;
  return given === '' ? null : Number(given);
}
function compare(a, b) {
  return typeof a === 'number' ? a - b : a.localeCompare(b, 'en', { numeric: true });
}
for (const table of all('table.lines')) {
  const original = [...table.tBodies];
  const heads = all('th[aria-sort]', table);
  for (const head of heads) {
    head.querySelector('button').addEventListener('click', () => {
      const first = head.classList.contains('number') ? 'descending' : 'ascending';
      const second = first === 'ascending' ? 'descending' : 'ascending';
      const order = { none: first, [first]: second, [second]: 'none' }[head.getAttribute('aria-sort')];
      for (const other of heads) other.setAttribute('aria-sort', other === head ? order : 'none');
      table.append(...sorted(original, head.cellIndex, order));
    });
  }
}
function sorted(lines, column, order) {
  if (order === 'none') return lines;
  const keyed = lines.map((line) => ({ line, key: sortKey(line, column) }));
  const known = keyed.filter(({ key }) => key !== null);
  known.sort((a, b) => (order === 'ascending' ? compare(a.key, b.key) : compare(b.key, a.key)));
  // What has no number stands last either way.
  return [...known, ...keyed.filter(({ key }) => key === null)].map(({ line }) => line);
}

// Filters: in a group where nothing is chosen everything is shown.
const filters = document.getElementById('filters');
const chosen = (name) => new Set(all(`input[name="${name}"]:checked`, filters).map(({ value }) => value));
const admits = (set, value) => set.size === 0 || set.has(value);

function filter() {
  const [method, dataset, preset] = ['method', 'dataset', 'preset'].map(chosen);
  const ran = filters.elements.ran.checked;
  const placed = ({ dataset: own }) => admits(dataset, own.dataset) && admits(preset, own.preset);
  for (const line of all('tbody[data-line]')) {
    line.hidden = !placed(line) || !admits(method, line.dataset.method) || (ran && line.dataset.ran === 'no');
  }
  for (const box of all('.scroll:has(> table.lines)')) {
    const none = !box.querySelector('tbody:not([hidden])');
    box.hidden = none;
    box.nextElementSibling.hidden = !none;
  }
  for (const figure of all('figure[data-figure]')) {
    figure.hidden = !placed(figure) || !hasSeries(charts[figure.dataset.figure].light);
  }
  const lines = all('main section section tbody[data-line]');
  const shown = lines.filter((line) => !line.hidden).length;
  document.getElementById('count').textContent = `${shown} of ${lines.length} lines of the tables are shown.`;
  draw();
}
filters.addEventListener('change', filter);
filters.addEventListener('submit', (event) => event.preventDefault());
// The boxes are empty only after the event.
filters.addEventListener('reset', () => setTimeout(filter));

// Charts. A series is named after its method, and what else tells it apart follows after a comma.
function isShown(name) {
  const title = Object.keys(methods).find((one) => name === one || String(name).startsWith(`${one}, `));
  return title === undefined || admits(chosen('method'), methods[title]);
}
const isSeries = (name) =>
  Object.keys(methods).some((one) => name === one || String(name).startsWith(`${one}, `));
const rowShown = (row) => isShown(row.series ?? row.label ?? '');

function hasSeries(node) {
  if (typeof node !== 'object' || node === null) return false;
  if (typeof node.name === 'string' && node.name in datasets) {
    return datasets[node.name].some((row) => isSeries(row.series) && rowShown(row));
  }
  return Object.values(node).some(hasSeries);
}

/** A chart with the methods that are chosen, each in its own look. */
function narrowed(node) {
  if (Array.isArray(node)) return node.map(narrowed);
  if (typeof node !== 'object' || node === null) return node;
  const { domain, range } = node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, part]) => [key, narrowed(part)]));
  if (Array.isArray(domain) && domain.some(isSeries)) {
    copy.domain = domain.filter(isShown);
    if (Array.isArray(range)) copy.range = range.filter((_, i) => isShown(domain[i]));
  }
  const rows = node.encoding?.y?.scale?.domain;
  if (typeof node.height === 'number' && rows?.some?.(isSeries)) {
    copy.height = (node.height * rows.filter(isShown).length) / rows.length;
  }
  return copy;
}

const views = new Map();
function draw() {
  const rows = Object.entries(datasets).map(([name, own]) => [name, own.filter(rowShown)]);
  const data = JSON.stringify(Object.fromEntries(rows));
  for (const figure of all('figure[data-figure]')) {
    views.get(figure)?.finalize();
    views.delete(figure);
    if (!figure.hidden) drawOne(figure, JSON.parse(data));
  }
}
function drawOne(figure, data) {
  const spec = { ...narrowed(charts[figure.dataset.figure][theme()]), datasets: data };
  const container = figure.querySelector('.chart');
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), {
    renderer: 'svg',
    container,
    hover: true,
  });
  views.set(figure, view.tooltip(showValue));
  view.runAsync().catch((error) => console.error(error));
}

// The values of a point or a bar, beside the pointer.
const tip = document.body.appendChild(document.createElement('div'));
tip.id = 'tip';
tip.hidden = true;
const shownFields = ['series', 'kind', 'x', 'epoch', 'value', 'deviation', 'count'];
function showValue(_handler, event, _item, value) {
  tip.hidden = value === null || value === undefined || value === '';
  if (tip.hidden) return;
  const number = (part) => (typeof part === 'number' ? String(Number(part.toFixed(4))) : part);
  const fields = shownFields.filter((field) => value[field] !== undefined);
  tip.textContent = fields.map((field) => `${field} ${number(value[field])}`).join('\n');
  const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
  tip.style.translate = `${Math.max(0, left)}px ${event.clientY + 12}px`;
}

// The theme: the system's until the button is pressed.
const themeButton = document.getElementById('theme');
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const theme = () => root.dataset.theme ?? (systemDark.matches ? 'dark' : 'light');
function showTheme() {
  themeButton.setAttribute('aria-pressed', String(theme() === 'dark'));
  draw();
}
themeButton.addEventListener('click', () => {
  root.dataset.theme = theme() === 'dark' ? 'light' : 'dark';
  showTheme();
});
systemDark.addEventListener('change', showTheme);

if (innerWidth < 900) filters.querySelector('details').open = false;
showTheme();
filter();
addEventListener('hashchange', showTarget);
showTarget();
