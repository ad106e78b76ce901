/** What the page of forms runs: it builds a form for each operation of the document, and shows what the call answers. Plain, as it is sent as it stands. */
export const DOCS_SCRIPT: string = String.raw`
const api = JSON.parse(document.getElementById('document').textContent);
const base = api.servers[0].url.replace(/\/$/, '');
const make = (tag, props, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};
const schemesOf = (operation) =>
  operation.security.flatMap((each) => Object.keys(each)).map((name) => api.components.securitySchemes[name]);

function input(name, schema, required) {
  const isSeveral = schema.items?.format === 'binary';
  if (schema.format === 'binary' || isSeveral) {
    const file = make('input', { type: 'file', name, required, multiple: isSeveral });
    const value = () => (isSeveral && file.files.length > 1 ? [...file.files] : file.files[0]);
    return { file, element: file, value };
  }
  if (schema.type === 'boolean' || schema.enum) {
    const words = schema.enum ?? ['true', 'false'];
    const options = ['', ...words].map((word) => make('option', { value: word, textContent: word }));
    const select = make('select', { name, required }, ...options);
    return { element: select, value: () => select.value };
  }
  const isLong = schema.type === 'array' || schema.type === 'object' || schema.type === undefined;
  const field = make(isLong ? 'textarea' : 'input', { name, required });
  if (schema.default !== undefined) field.placeholder = JSON.stringify(schema.default);
  return { element: field, value: () => field.value };
}

function row(name, schema, required) {
  const made = input(name, schema, required);
  const label = make('label', { className: 'field' }, name + (required ? ' *' : ''), made.element);
  if (schema.description) label.append(make('small', { textContent: schema.description }));
  return { ...made, name, schema, row: label };
}

function bodyOf(operation) {
  const content = operation.requestBody?.content ?? {};
  if (content['multipart/form-data']) return { kind: 'form', schema: content['multipart/form-data'].schema };
  if (content['application/json']) return { kind: 'json', schema: content['application/json'].schema };
  return operation.requestBody ? { kind: 'bytes' } : undefined;
}

const filled = (fields) => fields.filter((field) => field.value() !== '' && field.value() !== undefined);
const typed = (field) => {
  const { type } = field.schema;
  if (type === 'string' || Array.isArray(type)) return field.value();
  try { return JSON.parse(field.value()); } catch { return field.value(); }
};

function request(method, path, operation, parts) {
  let target = path;
  for (const field of parts.path) target = target.replace('{' + field.name + '}', encodeURIComponent(field.value()));
  const url = new URL(base + target, location.href);
  for (const field of filled(parts.query)) url.searchParams.append(field.name, field.value());
  const headers = {};
  const key = document.getElementById('key').value;
  if (key) {
    const [scheme] = schemesOf(operation);
    if (scheme?.in === 'query') url.searchParams.set(scheme.name, key);
    else if (scheme) headers[scheme.name] = scheme.description.replace(/^The key$/, 'KEY').replace('KEY', key);
    else headers.Authorization = 'Token ' + key;
  }
  const init = { method: method.toUpperCase(), headers };
  const given = filled(parts.body);
  if (parts.kind === 'form' && given.some((field) => field.file)) {
    init.body = new FormData();
    for (const field of given)
      for (const value of [field.value()].flat()) init.body.append(field.name, value);
  } else if (parts.kind === 'form') {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(Object.fromEntries(given.map((field) => [field.name, typed(field)])));
  } else if (parts.kind === 'json') {
    headers['Content-Type'] = 'application/json';
    init.body = parts.body[0].value();
  } else if (parts.kind === 'bytes') init.body = parts.body[0].value();
  return [url, init];
}

async function show(output, url, init) {
  output.replaceChildren(make('pre', { textContent: init.method + ' ' + url.pathname + url.search + '\n…' }));
  const started = performance.now();
  try {
    const response = await fetch(url, init);
    const ms = Math.round(performance.now() - started);
    const line = init.method + ' ' + url.pathname + url.search + '\n' + response.status + ' in ' + ms + ' ms\n';
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('image/')) {
      const image = make('img', { src: URL.createObjectURL(await response.blob()), alt: 'The picture' });
      return output.replaceChildren(make('pre', { textContent: line }), image);
    }
    let text = await response.text();
    try { text = JSON.stringify(JSON.parse(text), null, 1); } catch {}
    output.replaceChildren(make('pre', { textContent: line + '\n' + text }));
  } catch (error) {
    output.replaceChildren(make('pre', { textContent: String(error) }));
  }
}

function card(method, path, operation) {
  const of = (place) =>
    operation.parameters.filter((each) => each.in === place).map((each) => row(each.name, each.schema, each.required));
  const body = bodyOf(operation);
  const fields =
    body?.kind === 'form'
      ? Object.entries(body.schema.properties).map(([name, schema]) => row(name, schema, (body.schema.required ?? []).includes(name)))
      : body ? [row('body', body.kind === 'bytes' ? { type: 'string', format: 'binary' } : body.schema, true)] : [];
  const parts = { path: of('path'), query: of('query'), body: fields, kind: body?.kind };
  const output = make('div', { role: 'status' });
  const send = make('button', { type: 'submit', textContent: 'Send' });
  const rows = [...parts.path, ...parts.query, ...parts.body].map((field) => field.row);
  const form = make('form', {}, ...rows, send);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void show(output, ...request(method, path, operation, parts));
  });
  const summary = make('summary', {}, make('span', { className: 'method', textContent: method.toUpperCase() }),
    make('code', { textContent: path }), ' ' + operation.summary);
  const text = operation.description ? [make('p', { textContent: operation.description })] : [];
  return make('details', {}, summary, ...text, form, output);
}

const main = document.getElementById('routes');
for (const tag of api.tags) {
  main.append(make('h2', { textContent: tag.name }), make('p', { textContent: tag.description }));
  for (const [path, operations] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(operations))
      if (operation.tags.includes(tag.name)) main.append(card(method, path, operation));
}
`;
