import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import ts from 'typescript'

/** `target` is a path in this repository, or the specifier itself when it names a package. */
export type Import = { specifier: string; target: string; typeOnly: boolean }
export type Export = { name: string; isType: boolean }
export type FunctionSize = { name: string; line: number; lines: number }

/** One file as the rules see it; `code` is the text with its comments blanked. */
export type Source = {
  path: string
  text: string
  code: string
  imports: Import[]
  exports: Export[]
  functions: FunctionSize[]
}

/** Files by path, as the examples of the rules are written. */
export type Files = Record<string, string>

const looksRead = /\.(ts|mjs)$|\/package\.json$/
const neverRead = /(^|\/)(node_modules|dist|coverage|generated|\.[^/]+)$/

/** Every TypeScript file of the repository and the package files that go with them. */
export const readTree = (root: string): Source[] => {
  const topFolders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const paths = topFolders.flatMap(({ name }) => (neverRead.test(name) ? [] : pathsIn(root, name)))
  return ['package.json', ...paths].map((path) => toSource(path, readFileSync(join(root, path), 'utf8')))
}

const pathsIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return neverRead.test(path) ? [] : pathsIn(root, path)
    return looksRead.test(path) ? [path] : []
  })

export const sourcesOf = (files: Files): Source[] => Object.entries(files).map(([path, text]) => toSource(path, text))

const toSource = (path: string, text: string): Source => {
  const source: Source = { path, text, code: withoutComments(text), imports: [], exports: [], functions: [] }
  if (path.endsWith('.json')) return source
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node, parent: ts.Node): void => {
    collectImport(source, node)
    collectFunction(source, node, parent, file)
    ts.forEachChild(node, (child) => {
      visit(child, node)
    })
  }
  visit(file, file)
  source.exports = file.statements.flatMap(exportsOf)
  return source
}

// Lines stay where they are, so that a finding in `code` has the line number of the text.
const withoutComments = (text: string): string =>
  text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/ .*$/gm, (comment) => ' '.repeat(comment.length))

const collectImport = ({ path, imports }: Source, node: ts.Node): void => {
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    imports.push({ specifier: specifier.text, target: resolve(path, specifier.text), typeOnly })
  }
  if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause))
  else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    add(node.arguments[0], false)
  }
}

const isTypeImport = (clause: ts.ImportClause | undefined): boolean => {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly)
}

const resolve = (from: string, specifier: string): string => {
  if (specifier.startsWith('.')) return join(dirname(from), specifier).replace(/\.js$/, '.ts')
  return specifier.replace(
    /^@countinghouse\/([^/]+)(?:\/(.+))?$/,
    (_, home: string, path = home) => `${home}/src/${path}.ts`,
  )
}

const collectFunction = ({ functions }: Source, node: ts.Node, parent: ts.Node, file: ts.SourceFile): void => {
  if (!ts.isFunctionLike(node) || !('body' in node) || !node.body || isTable(node.body)) return
  const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  const lastLine = file.getLineAndCharacterOfPosition(node.end).line + 1
  functions.push({ name: nameOf([node, parent], file), line, lines: lastLine - line + 1 })
}

// A list of endpoints or consumers has no flow to follow; the functions in it are measured one by one.
const isTable = (body: unknown): boolean => ts.isArrayLiteralExpression(body as ts.Node)

const nameOf = (nodes: ts.Node[], file: ts.SourceFile): string => {
  const named = nodes.find((node): node is ts.NamedDeclaration => 'name' in node && node.name !== undefined)
  return named?.name?.getText(file) ?? 'a callback'
}

const exportsOf = (statement: ts.Statement): Export[] => {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause
    const names = clause && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : []
    return names.map((name) => ({ name, isType: statement.isTypeOnly }))
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
  if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
  const isType = ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement)
  return declaredNames(statement).map((name) => ({ name, isType }))
}

const declaredNames = (statement: ts.Statement): string[] => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
  }
  const { name } = statement as { name?: ts.Node }
  return name && ts.isIdentifier(name) ? [name.text] : []
}

const boundNames = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []))
