/** What the SDKs need to know of openapi.json: the documented operations, and the types that they speak of. */

/** Each documented operation: resource, method name, HTTP method, path. The order is the reference's. */
const OPERATIONS = [
  ['frameworks', 'list', 'get', '/v1/frameworks'],
  ['frameworks', 'controls', 'get', '/v1/frameworks/{id}/controls'],
  ['assessments', 'create', 'post', '/v1/assessments'],
  ['assessments', 'gaps', 'get', '/v1/assessments/{id}/gaps'],
  ['risks', 'list', 'get', '/v1/risks'],
  ['risks', 'create', 'post', '/v1/risks'],
  ['risks', 'update', 'put', '/v1/risks/{id}'],
  ['risks', 'heatmap', 'get', '/v1/risks/heatmap'],
  ['assets', 'list', 'get', '/v1/assets'],
  ['assets', 'create', 'post', '/v1/assets'],
  ['assets', 'vulnerabilities', 'get', '/v1/assets/{id}/vulnerabilities'],
  ['incidents', 'list', 'get', '/v1/incidents'],
  ['incidents', 'create', 'post', '/v1/incidents'],
  ['incidents', 'update_status', 'put', '/v1/incidents/{id}/status'],
  ['audits', 'list', 'get', '/v1/audits'],
  ['audits', 'create', 'post', '/v1/audits'],
  ['audits', 'findings', 'get', '/v1/audits/{id}/findings'],
  ['documents', 'list', 'get', '/v1/documents'],
  ['documents', 'upload', 'post', '/v1/documents/upload'],
  ['webhooks', 'create', 'post', '/v1/webhooks'],
  ['webhooks', 'list', 'get', '/v1/webhooks'],
  ['webhooks', 'delete', 'delete', '/v1/webhooks/{id}'],
];
/** The clients call it by themselves. */
const TOKEN = '/v1/auth/token';

export const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
export const pascal = (name) => camel(`_${name}`);
const referred = (schema) => schema?.$ref?.split('/').pop();

/**
 * `operations`: resource, name, method, path, id (the name of the identifier in the path, or null), kind (list, get, post,
 * put, delete, upload), summary, query (a type name or null), body, answer (type names or null), part (the list's own name).
 * `types`: name to `{ kind: 'enum', values }` or `{ kind: 'object', input, fields }`, each with a description.
 */
export function read(document) {
  const schemas = document.components.schemas;
  const types = new Map();

  const resolve = (schema) => {
    const name = referred(schema);
    return name ? resolve(schemas[name]) : schema;
  };

  /** The fields of an object, `allOf` flattened; a later part has the last word. */
  const fieldsOf = (schema) => {
    const whole = resolve(schema);
    const fields = new Map();
    const required = new Set(whole.required ?? []);
    for (const part of whole.allOf ?? []) {
      const inner = fieldsOf(part);
      for (const [name, field] of inner.fields) fields.set(name, field);
      for (const name of inner.required) required.add(name);
    }
    for (const [name, field] of Object.entries(whole.properties ?? {})) fields.set(name, field);
    return { fields, required };
  };

  /** A type expression: `{ base, nullable }` with base a string, or `{ array }`, `{ map }`, `{ named }`, `{ any }`, `{ literal }`. */
  const typeOf = (schema, input, hint) => {
    const name = referred(schema);
    if (name) return { ...define(name, input), nullable: false };
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) {
      const real = choices.filter((choice) => choice.type !== 'null');
      const nullable = real.length < choices.length;
      if (real.length === 1) return { ...typeOf(real[0], input, hint), nullable };
      return { union: real.map((choice) => typeOf(choice, input, hint)), nullable };
    }
    if (schema.allOf?.length === 1) return typeOf(schema.allOf[0], input, hint);
    const kinds = [].concat(schema.type ?? []);
    const nullable = kinds.includes('null');
    const kind = kinds.find((one) => one !== 'null');
    if (schema.enum) return { literal: schema.enum.filter((value) => value !== null), nullable };
    if (kind === 'array') return { array: typeOf(schema.items ?? {}, input, hint), nullable };
    if (kind === 'object') {
      if (schema.properties) return { ...inline(hint, schema, input), nullable };
      return {
        map: typeof schema.additionalProperties === 'object' ? typeOf(schema.additionalProperties, input, hint) : { any: true },
        nullable,
      };
    }
    if (kind) return { base: kind, format: schema.format, nullable };
    return { any: true, nullable: false };
  };

  const object = (name, schema, input) => {
    const { fields, required } = fieldsOf(schema);
    // Put in before its fields are read: types may name one another in a circle.
    const entry = { kind: 'object', name, input, description: schema.description, fields: [] };
    types.set(name, entry);
    entry.fields = [...fields].map(([field, inner]) => {
      const type = typeOf(inner, input, name + pascal(field));
      const choice = (inner.oneOf ?? []).find((one) => one.description);
      return { name: field, type, required: required.has(field), description: inner.description ?? choice?.description };
    });
    return { named: name };
  };

  const inline = (name, schema, input) => (types.has(name) ? { named: name } : object(name, schema, input));

  const define = (name, input) => {
    const schema = schemas[name];
    if (!schema) throw new Error(`openapi.json has no schema ${name}`);
    if (schema.enum) {
      types.set(name, { kind: 'enum', name, values: schema.enum, description: schema.description });
      return { named: name };
    }
    const own = input && types.get(name)?.input === false ? `${name}Input` : name;
    const known = types.get(own);
    if (known && known.input === input) return { named: own };
    if (known) throw new Error(`${own} is both answered and sent; name them apart`);
    if (schema.properties || schema.allOf) return object(own, schema, input);
    return typeOf(schema, input, own);
  };

  const media = (content, kind) => content?.content?.[kind]?.schema;
  const found = OPERATIONS.flatMap(([resource, name, method, path]) => {
    const operation = document.paths[path]?.[method];
    return operation ? [{ resource, name, method, path, operation }] : [];
  });

  // Answers first, so that a type that is both answered and sent has its plain name in answers.
  const operations = found.map(({ resource, name, method, path, operation }) => {
    const id = path.includes('{id}') ? `${resource.replace(/s$/, '')}_id` : null;
    const success = Object.entries(operation.responses).find(([code]) => code.startsWith('2'));
    const answered = media(success?.[1], 'application/json');
    const shape = answered && resolve(answered);
    const listed =
      shape?.properties?.data?.type === 'array' && 'next_cursor' in shape.properties ? shape.properties.data.items : null;
    const kind = listed ? 'list' : media(operation.requestBody, 'multipart/form-data') ? 'upload' : method;
    let answer = null;
    if (method !== 'delete') {
      const type = typeOf(listed ?? answered, false, pascal(`${resource}_${name}`));
      if (!type.named) throw new Error(`${operation.operationId} answers no named type`);
      answer = type.named;
    }
    return { resource, name, method, kind, path: path.replace(/^\/v1/, ''), id, answer, operation, part: path.split('/').pop() };
  });
  for (const one of operations) {
    const { operation } = one;
    one.summary = (operation.summary ?? '').replace(/[.:]$/, '');
    one.description = operation.description ?? '';
    const parameters = (operation.parameters ?? []).filter(
      (parameter) => parameter.in === 'query' && parameter.name !== 'cursor',
    );
    one.query = null;
    if (one.kind === 'list' || parameters.length > 0) {
      one.query = `${pascal(one.resource)}${pascal(one.name)}Query`;
      const entry = {
        kind: 'object',
        name: one.query,
        input: true,
        description: `Filters and options of ${one.resource}.${one.name}.`,
        fields: [],
      };
      types.set(one.query, entry);
      entry.fields = parameters.map((parameter) => {
        const type = { ...typeOf(parameter.schema, true, `${one.query}${pascal(parameter.name)}`), nullable: false };
        return {
          name: parameter.name.replaceAll('-', '_'),
          type,
          required: parameter.required === true,
          description: parameter.description,
        };
      });
    }
    one.body = null;
    const sent = media(operation.requestBody, one.kind === 'upload' ? 'multipart/form-data' : 'application/json');
    if (sent) {
      const type = typeOf(sent, true, `${pascal(one.resource)}${pascal(one.name)}Fields`);
      one.body = type.named;
      if (one.kind === 'upload') {
        const entry = types.get(one.body);
        entry.fields = entry.fields.filter((field) => field.name !== 'file');
      }
    }
  }
  const resources = [...new Set(operations.map((one) => one.resource))];
  const missing = OPERATIONS.length - operations.length;
  return {
    document,
    operations,
    resources,
    types: sorted(types),
    missing,
    tokenPath: TOKEN,
    paths: found.map(({ path, method }) => [path, method]),
  };
}

/** By name, so that a change elsewhere moves nothing. */
function sorted(types) {
  return new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
}
