/**
 * An ESLint rule: no state at module level, in which two instances of the library would meet. `let` is state, and so is what a `const`
 * holds if it is written: a member that is assigned, a map, set, array or buffer that is changed by a method, or handed to what may
 * change it (typed arrays have no type that forbids it; the others are read-only tables where their type says so). It needs types.
 */
import type { Rule, Scope } from 'eslint';
import type ts from 'typescript';

/** The nodes of a file, with the parents that ESLint gives them. */
type Node = Rule.Node;

/** What the typed parser adds. */
interface TypeServices {
  readonly program: ts.Program;
  readonly esTreeNodeToTSNodeMap: { get(node: unknown): ts.Node };
}

const TYPED_ARRAY = /^(Big)?(Ui|I)nt\d+(Clamped)?Array$|^Float\d+Array$/;

/** Methods that change what they are called on, by type. */
const MUTATORS: ReadonlyMap<string, RegExp> = new Map([
  ['Array', /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/],
  ['Map', /^(set|delete|clear|getOrInsert\w*)$/],
  ['Set', /^(add|delete|clear)$/],
  ['WeakMap', /^(set|delete|getOrInsert\w*)$/],
  ['WeakSet', /^(add|delete)$/],
  ['DataView', /^set/],
  ['ArrayBuffer', /^(resize|transfer\w*)$/],
  ['SharedArrayBuffer', /^grow$/],
]);
const TYPED_ARRAY_MUTATORS = /^(set|fill|sort|reverse|copyWithin)$/;

/** Functions that change their first argument, whatever its type. */
const WRITERS =
  /^(Object\.(assign|defineProperty|defineProperties|setPrototypeOf)|Reflect\.(set|deleteProperty|defineProperty))$/;

/** Built-in classes whose instances are as good as constants. */
const IMMUTABLE =
  /^(RegExp|Error|\w+Error|URL|Date|TextEncoder|TextDecoder|Intl\.\w+|Collator|NumberFormat|DateTimeFormat)$/;

export const moduleState: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      let: 'No module-level mutable state: hang it off an instance.',
      written: '`{{name}}` is state of the module, since it is written here: hang it off an instance.',
      handed:
        '`{{name}}` is handed to what may write it: hang it off an instance or, if it is a table, give it a read-only type.',
      instance: 'An instance of a class is state of the module: hang it off an instance.',
      static: 'A static field that is not `readonly`, or holds what can be written, is state of the module.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices as unknown as TypeServices;
    const types = new Types(services);
    return {
      'Program:exit'() {
        for (const scope of context.sourceCode.scopeManager.scopes)
          if (scope.type === 'module')
            for (const variable of scope.variables) check(context, types, variable);
      },
      'PropertyDefinition[static=true]'(node: Node) {
        const field = node as unknown as { readonly readonly?: boolean; readonly value: Node | null };
        if (!field.readonly || (field.value && types.isMutable(field.value)))
          context.report({ node, messageId: 'static' });
      },
    };
  },
};

function check(context: Rule.RuleContext, types: Types, variable: Scope.Variable): void {
  const [definition] = variable.defs;
  if (definition?.type === 'Variable') {
    if (definition.parent.kind !== 'const' && !isAmbient(definition.parent)) {
      context.report({ node: definition.node, messageId: 'let' });
      return;
    }
    const init = definition.node.init as Node | null | undefined;
    if (init && isEmptyBuffer(init)) return;
    if (init?.type === 'NewExpression' && types.isInstance(init))
      return context.report({ node: init, messageId: 'instance' });
  } else if (definition?.type !== 'ImportBinding' || !isOwn(definition.parent)) return;
  for (const { identifier, init } of variable.references) {
    if (init) continue;
    const messageId = useOf(types, identifier as Node);
    if (messageId) context.report({ node: identifier, messageId, data: { name: variable.name } });
  }
}

function isAmbient(declaration: object): boolean {
  return (declaration as { readonly declare?: boolean }).declare === true;
}

/** What is imported from another package is that package's. */
function isOwn({ source }: { readonly source: { readonly value?: unknown } }): boolean {
  return typeof source.value === 'string' && source.value.startsWith('.');
}

/** A buffer without a byte: nothing can be written to it. */
function isEmptyBuffer(init: Node): boolean {
  if (init.type !== 'NewExpression' || init.callee.type !== 'Identifier') return false;
  const [length] = init.arguments;
  const isBuffer = TYPED_ARRAY.test(init.callee.name) || init.callee.name === 'ArrayBuffer';
  return isBuffer && (!length || (length.type === 'Literal' && length.value === 0));
}

/** Whether a variable, or a member of it, is written where it stands, or handed on as what can be written. */
function useOf(types: Types, identifier: Node): 'written' | 'handed' | undefined {
  let node = identifier;
  let object: Node | undefined;
  for (;;) {
    const parent = parentOf(node);
    if (parent.type === 'MemberExpression' && parent.object === node) object = node;
    else if (!isTransparent(parent, node)) break;
    node = parent;
  }
  if (isAssigned(node, identifier)) return 'written';
  const parent = parentOf(node);
  if (parent.type === 'CallExpression' && parent.callee === node)
    return object && types.mutates(object, memberName(node)) ? 'written' : undefined;
  if (parent.type === 'CallExpression' && parent.arguments[0] === node && WRITERS.test(textOf(parent.callee)))
    return 'written';
  return isHandedOn(node) && types.isMutable(node) && types.isWantedMutable(node) ? 'handed' : undefined;
}

/** Of anything but a program. */
function parentOf(node: Node): Node {
  return node.parent as Node;
}

/** What stands around a value and is that value. */
function isTransparent(parent: Node, child: Node): boolean {
  if (/^(TSAsExpression|TSNonNullExpression|TSSatisfiesExpression|ChainExpression)$/.test(parent.type))
    return true;
  if (parent.type === 'ConditionalExpression') return parent.test !== child;
  return parent.type === 'LogicalExpression';
}

function isAssigned(node: Node, identifier: Node): boolean {
  const parent = parentOf(node);
  if (node === identifier) return false;
  switch (parent.type) {
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForOfStatement':
    case 'ForInStatement':
      return parent.left === node;
    case 'UpdateExpression':
    case 'ArrayPattern':
    case 'RestElement':
      return true;
    case 'UnaryExpression':
      return parent.operator === 'delete';
    case 'Property':
      return parent.value === node && parentOf(parent).type === 'ObjectPattern';
    default:
      return false;
  }
}

function isHandedOn(node: Node): boolean {
  const parent = parentOf(node);
  switch (parent.type) {
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee !== node;
    case 'VariableDeclarator':
      return parent.init === node && parent.id.type === 'Identifier';
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent.right === node;
    case 'ArrowFunctionExpression':
      return parent.body === node;
    case 'Property':
    case 'PropertyDefinition':
      return parent.value === node && !parent.computed;
    case 'ReturnStatement':
    case 'YieldExpression':
    case 'ArrayExpression':
      return true;
    default:
      return false;
  }
}

/** The name of a member that is called. */
function memberName(node: Node): string {
  if (node.type === 'ChainExpression') return memberName(node.expression as Node);
  if (node.type !== 'MemberExpression') return '';
  const { property } = node;
  if (property.type === 'Identifier' && !node.computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : '';
}

function textOf(callee: object): string {
  const node = callee as Node;
  if (node.type === 'Identifier') return node.name;
  return node.type === 'MemberExpression' ? `${textOf(node.object)}.${memberName(node)}` : '';
}

/** What the compiler knows of values. */
class Types {
  readonly #services: TypeServices;
  readonly #checker: ts.TypeChecker;

  constructor(services: TypeServices) {
    this.#services = services;
    this.#checker = services.program.getTypeChecker();
  }

  /** Whether a value is a container whose type lets it be written. */
  isMutable(node: Node): boolean {
    return this.#kindOf(this.#typeOf(node)) !== undefined;
  }

  /** Whether what takes a value may write it, by its type. */
  isWantedMutable(node: Node): boolean {
    const expression = this.#services.esTreeNodeToTSNodeMap.get(node) as ts.Expression;
    const wanted = this.#checker.getContextualType(expression);
    return !wanted || this.#kindOf(wanted) !== undefined;
  }

  /** Whether a method changes a container. */
  mutates(object: Node, method: string): boolean {
    const kind = this.#kindOf(this.#typeOf(object));
    if (kind === undefined) return false;
    return (MUTATORS.get(kind) ?? TYPED_ARRAY_MUTATORS).test(method);
  }

  /** Whether it is an instance of a class of one's own, or of a built-in one that can change and is no container. */
  isInstance(node: Node): boolean {
    const type = this.#typeOf(node);
    return (
      !this.#kindOf(type) &&
      !IMMUTABLE.test(type.symbol?.name ?? '') &&
      !/^Readonly/.test(type.symbol?.name ?? '')
    );
  }

  #typeOf(node: Node): ts.Type {
    return this.#checker.getTypeAtLocation(this.#services.esTreeNodeToTSNodeMap.get(node));
  }

  /** The name of a container that can be written. */
  #kindOf(type: ts.Type): string | undefined {
    if (type.isUnionOrIntersection())
      return type.types.map((each) => this.#kindOf(each)).find((kind) => kind);
    if (this.#checker.isTupleType(type))
      return (type as ts.TypeReference & { readonly target: ts.TupleType }).target.readonly
        ? undefined
        : 'Array';
    const name = type.symbol?.name ?? '';
    return MUTATORS.has(name) || TYPED_ARRAY.test(name) ? name : undefined;
  }
}
