/** What the list of findings cannot do by itself: the heat map, its details, and the filters. */
(() => {
  /**
   * @typedef {{ id: string, title: string, module: string, means: string, warns?: string, fails?: string, remedy: string }} Check
   * @typedef {{ name: string, roles: string[], cells: string }} Row
   * @typedef {{ check: string, node: string | null }} Place `''`: every check, or the cloud; `null`: every node
   */

  /**
   * Symbol, class and word of a cell by its letter; acknowledged findings have the capital one.
   * @type {Record<string, [string, string, string]>}
   */
  const STATES = {
    e: ['×', 'error', 'error'],
    u: ['?', 'unknown', 'unknown'],
    w: ['!', 'warn', 'warning'],
    E: ['×', 'error acked', 'error, acknowledged'],
    U: ['?', 'unknown acked', 'unknown, acknowledged'],
    W: ['!', 'warn acked', 'warning, acknowledged'],
    '.': ['·', 'ok', 'ok'],
    '-': ['–', 'silent', 'not asked'],
    ' ': ['', 'none', 'does not apply'],
  };

  /**
   * Which switch of the filters shows a letter.
   * @type {Record<string, string>}
   */
  const SHOWN_BY = { e: 'error', u: 'unknown', w: 'warn', E: 'acked', U: 'acked', W: 'acked' };

  /** From so many nodes on, those without findings are left out at first. */
  const MANY_NODES = 60;

  /** @type {(id: string) => any} */
  const byId = (id) => document.getElementById(id);
  /** @type {{ checks: Check[], cloud: Row, nodes: Row[] }} */
  const data = JSON.parse(byId('data').textContent);
  const rows = [data.cloud, ...data.nodes];
  const rolesOf = new Map(rows.map(({ name, roles }) => [name, roles]));
  const groups = [...document.querySelectorAll('.group')].map((article) => ({
    article: /** @type {HTMLElement} */ (article),
    items: /** @type {HTMLElement[]} */ ([...article.querySelectorAll('.items > li')]),
  }));
  const [form, grid, dialog] = [byId('filters'), byId('grid'), byId('detail')];
  const troubleSwitch = /** @type {HTMLInputElement} */ (form.elements.trouble);

  /** @type {(name: string, className?: string, text?: string) => HTMLElement} */
  function element(name, className = '', text = '') {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // ---- The heat map

  /** @type {(row: Row, index: number) => string} */
  const letterAt = ({ cells }, index) => cells[index] ?? ' ';

  /** @type {(letter: string) => [string, string, string]} */
  const stateOf = (letter) => STATES[letter] ?? ['', 'none', ''];

  /** @type {(letter: string, name: string) => HTMLElement} */
  function cellOf(letter, name) {
    const [symbol, className] = stateOf(letter);
    return element(name, `cell ${className}`, symbol);
  }

  const patterns = Object.fromEntries(
    Object.entries(STATES).map(([letter, [, , word]]) => {
      const cell = cellOf(letter, 'td');
      cell.setAttribute('role', 'gridcell');
      cell.setAttribute('aria-label', word);
      cell.tabIndex = -1;
      return [letter, cell];
    }),
  );

  /** The checks of nodes, and those of the cloud that have found something on a node. */
  const columns = [...data.checks.keys()].filter((index) => data.nodes.some((node) => letterAt(node, index) !== ' '));

  /** @type {(column: number) => Check} */
  const checkAt = (column) => /** @type {Check} */ (data.checks[columns[column] ?? -1]);

  /** @type {(column: number) => boolean} */
  const opensModule = (column) => column > 0 && checkAt(column).module !== checkAt(column - 1).module;

  /** @type {(name: string, role: string, className?: string, text?: string) => HTMLElement} */
  function inGrid(name, role, className = '', text = '') {
    const made = element(name, className, text);
    // Rows that are laid out by themselves are no table to a browser any more.
    made.setAttribute('role', role);
    if (name !== 'tr') made.tabIndex = -1;
    return made;
  }

  function drawHead() {
    const row = inGrid('tr', 'row');
    row.append(element('td', 'corner'));
    for (const column of columns.keys()) {
      const head = inGrid('th', 'columnheader', opensModule(column) ? 'opens' : '');
      head.append(element('span', '', checkAt(column).title));
      row.append(head);
    }
    const head = element('thead');
    head.append(row);
    return head;
  }

  /** Rows are filled when they are first shown: a thousand of them have tens of thousands of cells. */
  const drawn = data.nodes.map((node) => ({ row: inGrid('tr', 'row'), name: node.name, node, filled: false }));

  /** @type {(one: typeof drawn[number]) => void} */
  function fill(one) {
    if (one.filled) return;
    one.filled = true;
    const head = inGrid('th', 'rowheader', '', one.name);
    head.title = one.name;
    const cells = columns.map((index, column) => {
      const cell = /** @type {HTMLElement} */ (patterns[letterAt(one.node, index)]?.cloneNode(true));
      if (opensModule(column)) cell.classList.add('opens');
      return cell;
    });
    one.row.append(head, ...cells);
  }

  /** What the cloud as a whole is asked, in a line of buttons. */
  const cloudButtons = [...data.checks.entries()]
    .filter(([index]) => letterAt(data.cloud, index) !== ' ')
    .map(([index, { id, title }]) => {
      const letter = letterAt(data.cloud, index);
      const button = element('button');
      button.setAttribute('type', 'button');
      button.append(cellOf(letter, 'i'), title);
      button.setAttribute('aria-label', `${title}: ${stateOf(letter)[2]}`);
      button.addEventListener('click', () => openPlace({ check: id, node: '' }));
      return { button, check: id };
    });

  function drawMap() {
    const body = element('tbody');
    body.append(...drawn.map(({ row }) => row));
    grid.append(drawHead(), body);
    const longest = Math.max(...data.nodes.map(({ name }) => name.length));
    grid.style.setProperty('--names', `calc(${Math.min(30, longest + 1)}ch + 28px)`);
    byId('cloud').append(...cloudButtons.map(({ button }) => button));
    byId('map').hidden = false;
    form.hidden = false;
  }

  /** @type {(cell: HTMLTableCellElement) => Place} What a cell of the heat map stands for. */
  function placeOf(cell) {
    const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    const check = cell.cellIndex === 0 ? '' : checkAt(cell.cellIndex - 1).id;
    if (row.parentElement?.tagName === 'THEAD') return { check, node: null };
    return { check, node: drawn[row.sectionRowIndex]?.name ?? '' };
  }

  // ---- Filters

  /** What is asked for, as the address has it and the form shows it. */
  function filters() {
    const { severity, check, role, node } = form.elements;
    /** @type {string[]} */
    const shown = [...severity].filter(({ checked }) => checked).map(({ value }) => value);
    return {
      severities: new Set(shown),
      check: /** @type {string} */ (check.value),
      role: /** @type {string} */ (role.value),
      node: /** @type {string} */ (node.value).trim().toLowerCase(),
      trouble: troubleSwitch.checked,
    };
  }

  /** @type {(name: string, wanted: ReturnType<typeof filters>) => boolean} */
  const isNodeWanted = (name, { node, role }) =>
    (node === '' || name.toLowerCase().includes(node)) && (role === '' || (rolesOf.get(name) ?? []).includes(role));

  function apply() {
    const wanted = filters();
    showFindings(wanted);
    showMap(wanted);
    byId('map').dataset.off = ['error', 'unknown', 'warn', 'acked']
      .filter((one) => !wanted.severities.has(one))
      .join(' ');
  }

  /** @type {(wanted: ReturnType<typeof filters>) => void} */
  function showFindings(wanted) {
    let shown = 0;
    let all = 0;
    for (const { article, items } of groups) {
      const { check = '', show = '' } = article.dataset;
      const isWanted = wanted.severities.has(show) && (wanted.check === '' || wanted.check === check);
      let visible = 0;
      for (const item of items) {
        item.hidden = !(isWanted && isNodeWanted(item.dataset.node ?? '', wanted));
        if (!item.hidden) visible++;
      }
      article.hidden = visible === 0;
      const details = article.querySelector('details');
      if (details) details.open = visible > 0 && visible < items.length;
      shown += visible;
      all += items.length;
    }
    byId('shown').textContent = shown === all ? `${all} in all` : `${shown} of ${all}`;
    byId('no-finding').hidden = shown > 0;
  }

  /** @type {(wanted: ReturnType<typeof filters>) => void} */
  function showMap(wanted) {
    const isCheckWanted = (/** @type {string} */ id) => wanted.check === '' || wanted.check === id;
    for (const { button, check } of cloudButtons) button.hidden = !isCheckWanted(check) || !isNodeWanted('', wanted);

    const isColumnShown = columns.map((_, column) => isCheckWanted(checkAt(column).id));
    const isTrouble = (/** @type {Row} */ node) =>
      columns.some(
        (index, column) => isColumnShown[column] && wanted.severities.has(SHOWN_BY[letterAt(node, index)] ?? ''),
      );
    for (const one of drawn) {
      const isShown = isNodeWanted(one.name, wanted) && (!wanted.trouble || isTrouble(one.node));
      one.row.hidden = !isShown;
      if (isShown) fill(one);
    }
    // Tens of thousands of cells are not looked at when nothing has changed for them.
    if (shownCheck !== wanted.check || wanted.check !== '') {
      for (const row of grid.rows) {
        for (const cell of row.cells) if (cell.cellIndex > 0) cell.hidden = !isColumnShown[cell.cellIndex - 1];
      }
      shownCheck = wanted.check;
    }
    byId('no-node').hidden = drawn.some(({ row }) => !row.hidden);
    letTabIn();
  }
  let shownCheck = '';

  // ---- The address remembers filters and what is open

  const usualTrouble = data.nodes.length > MANY_NODES && groups.length > 0;
  /** @type {Place | undefined} */
  let open;

  function writeAddress() {
    const { severities, check, role, node, trouble } = filters();
    const values = new URLSearchParams();
    if (severities.size < 4) values.set('show', [...severities].join(' '));
    if (check) values.set('check', check);
    if (role) values.set('role', role);
    if (node) values.set('node', node);
    if (trouble !== usualTrouble) values.set('nodes', trouble ? 'trouble' : 'all');
    if (open?.check) values.set('open', open.check);
    if (open && open.node !== null) values.set('on', open.node);
    const text = values.toString();
    history.replaceState(null, '', text ? `#${text}` : location.pathname + location.search);
  }

  function readAddress() {
    const text = location.hash.slice(1);
    // A link to a place of the page is no filter.
    if (text !== '' && !text.includes('=')) return;
    const values = new URLSearchParams(text);
    const show = values.get('show')?.split(' ');
    for (const box of form.elements.severity) box.checked = show === undefined || show.includes(box.value);
    for (const name of ['check', 'role', 'node']) form.elements[name].value = values.get(name) ?? '';
    troubleSwitch.checked = values.has('nodes') ? values.get('nodes') === 'trouble' : usualTrouble;
    apply();
    if (values.has('open') || values.has('on')) openPlace({ check: values.get('open') ?? '', node: values.get('on') });
    else if (dialog.open) dialog.close();
  }

  // ---- Details

  /** @type {(place: Place) => void} */
  function openPlace(place) {
    open = place;
    const check = data.checks.find(({ id }) => id === place.check);
    const row = rows.find(({ name }) => name === place.node);
    if (!check && !row) return;
    const who = row ? row.name || 'the cloud' : '';
    byId('detail-kind').textContent = check && row ? who : (check?.module ?? row?.roles.join(', ') ?? '');
    byId('detail-title').textContent = check ? check.title : who;
    byId('detail-body').replaceChildren(stateLine(check, row), ...foundAt(place), ...(check ? explain(check) : []));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    writeAddress();
  }

  /** @type {(check: Check | undefined, row: Row | undefined) => Node} */
  function stateLine(check, row) {
    if (!check || !row) return document.createDocumentFragment();
    const letter = letterAt(row, data.checks.indexOf(check));
    const line = element('p', 'state');
    line.append(cellOf(letter, 'i'), ` ${stateOf(letter)[2]}`);
    if (letter === '-')
      line.append(': it could not be asked, so nobody knows. See why in the findings of this node and of this check.');
    return line;
  }

  /** @type {(place: Place) => HTMLElement[]} Copies from the list of findings, of this place only. */
  function foundAt({ check, node }) {
    const isOfCloud = node === '';
    return groups.flatMap(({ article, items }) => {
      if (check !== '' && article.dataset.check !== check) return [];
      // Of a cloud's cell, everything that its check has found.
      const wanted = items.map((item) => node === null || item.dataset.node === node || (isOfCloud && check !== ''));
      if (!wanted.includes(true)) return [];
      const copy = /** @type {HTMLElement} */ (article.cloneNode(true));
      copy.hidden = false;
      for (const [index, item] of [...copy.querySelectorAll('.items > li')].entries()) {
        if (wanted[index]) item.removeAttribute('hidden');
        else item.remove();
      }
      if (wanted.includes(false))
        for (const line of copy.querySelectorAll(':scope > .where, :scope > .seen')) line.remove();
      const details = copy.querySelector('details');
      if (details) details.open = true;
      const [own, ...others] = copy.querySelectorAll('.items > li');
      const next = copy.querySelector('.next');
      if (next && others.length === 0 && own instanceof HTMLElement && own.dataset.next)
        next.textContent = own.dataset.next;
      return [copy];
    });
  }

  /** @type {(check: Check) => HTMLElement[]} */
  function explain({ means, warns, fails, remedy }) {
    const about = element('section', 'about-check');
    about.append(element('h3', '', 'About this check'), element('p', '', means));
    const limits = element('dl');
    if (fails) limits.append(element('dt', '', 'error'), element('dd', '', fails));
    if (warns) limits.append(element('dt', '', 'warning'), element('dd', '', warns));
    if (limits.children.length > 0) about.append(limits);
    about.append(element('p', '', remedy));
    return [about];
  }

  // ---- The keyboard: one stop for the Tab key, arrows within

  /** @type {HTMLElement | null} */
  let stop = null;

  /** @type {(cell: HTMLElement) => void} */
  function stopAt(cell) {
    if (stop) stop.tabIndex = -1;
    stop = cell;
    cell.tabIndex = 0;
  }

  function letTabIn() {
    if (stop && stop.offsetParent !== null) return;
    const first = grid.querySelector('tbody tr:not([hidden]) th') ?? grid.querySelector('thead th');
    if (first instanceof HTMLElement) stopAt(first);
  }

  /** @type {(start: Element | null, way: 'previousElementSibling' | 'nextElementSibling') => HTMLElement | null} */
  function visibleFrom(start, way) {
    let one = start;
    while (one instanceof HTMLElement && (one.hidden || one.classList.contains('corner'))) one = one[way];
    return /** @type {HTMLElement | null} */ (one);
  }

  /** @type {(cell: HTMLTableCellElement, key: string) => Element | null | undefined} */
  function neighbour(cell, key) {
    const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    const isHead = row.parentElement?.tagName === 'THEAD';
    const firstRow = () => visibleFrom(grid.tBodies[0].rows[0], 'nextElementSibling');
    const lastRow = () => visibleFrom(grid.tBodies[0].lastElementChild, 'previousElementSibling');
    switch (key) {
      case 'ArrowLeft':
        return visibleFrom(cell.previousElementSibling, 'previousElementSibling');
      case 'ArrowRight':
        return visibleFrom(cell.nextElementSibling, 'nextElementSibling');
      case 'Home':
        return visibleFrom(row.firstElementChild, 'nextElementSibling');
      case 'End':
        return visibleFrom(row.lastElementChild, 'previousElementSibling');
      case 'ArrowDown':
        return (isHead ? firstRow() : visibleFrom(row.nextElementSibling, 'nextElementSibling'))?.children[
          cell.cellIndex
        ];
      case 'ArrowUp': {
        const above = isHead ? null : visibleFrom(row.previousElementSibling, 'previousElementSibling');
        return (above ?? (cell.cellIndex > 0 ? grid.tHead.rows[0] : null))?.children[cell.cellIndex];
      }
      case 'PageDown':
        return lastRow()?.children[cell.cellIndex];
      case 'PageUp':
        return firstRow()?.children[cell.cellIndex];
      default:
        return undefined;
    }
  }

  /** @type {(target: EventTarget | null) => HTMLTableCellElement | null} */
  const cellAt = (target) => (target instanceof Element ? target.closest('#grid th, #grid td:not(.corner)') : null);

  grid.addEventListener('click', (/** @type {Event} */ event) => {
    const cell = cellAt(event.target);
    if (!cell) return;
    stopAt(cell);
    openPlace(placeOf(cell));
  });
  grid.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const cell = cellAt(event.target);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      openPlace(placeOf(cell));
      return;
    }
    const next = neighbour(cell, event.key);
    if (next === undefined) return;
    event.preventDefault();
    if (!(next instanceof HTMLElement)) return;
    stopAt(next);
    next.focus();
  });
  grid.addEventListener('pointerover', (/** @type {Event} */ event) => {
    const cell = cellAt(event.target);
    if (!cell || cell.title || cell.tagName === 'TH') return;
    const { check, node } = placeOf(cell);
    const title = data.checks.find(({ id }) => id === check)?.title;
    cell.title = `${node || 'the cloud'}, ${title}: ${cell.getAttribute('aria-label')}`;
  });

  const changed = () => {
    apply();
    writeAddress();
  };
  form.addEventListener('input', changed);
  troubleSwitch.addEventListener('input', changed);
  form.addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());
  form.addEventListener('reset', () => {
    setTimeout(() => {
      troubleSwitch.checked = usualTrouble;
      changed();
    });
  });
  byId('close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (/** @type {Event} */ event) => {
    // The dialog has no padding: only what is around it is the dialog itself.
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    open = undefined;
    writeAddress();
  });
  addEventListener('hashchange', readAddress);

  drawMap();
  troubleSwitch.checked = usualTrouble;
  if (location.hash) readAddress();
  apply();
})();
