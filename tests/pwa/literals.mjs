// Finds what the app's code says to a person past t(): text between tags, in attributes that are read aloud or shown,
// in what `tell` says, any literal of three words or more that begins like a sentence, and sentences that t() is given in a way that the catalogue's extractor does not see.
// Prints them as JSON, each with its place. Node's arguments: the folder to look in, instead of the app's own.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

const READ = new Set(["title", "placeholder", "alt", "aria-label", "aria-description", "label", "aria-roledescription"]);
const WORD = /\p{L}{2}/u;
const SENTENCE = /^\p{Lu}\p{L}*,? \p{L}+ \p{L}/u;

const root = resolve(import.meta.dirname, "../..");
const place = process.argv[2] ?? join(root, "pwa/src");
const found = [];

const api = new API({ cwd: root });
try {
  const snapshot = api.updateSnapshot({ openProject: join(root, "pwa/tsconfig.json") });
  const [project] = snapshot.getProjects();
  for (const name of readdirSync(place, { recursive: true }).filter((each) => /\.tsx?$/.test(each)).sort()) {
    const file = project.program.getSourceFile(join(place, name));
    if (file) look(file, (node, text) => found.push({ file: name, line: lineOf(file, node), text }));
  }
} finally {
  api.close();
}
process.stdout.write(JSON.stringify(found));

function lineOf(file, node) {
  return file.text.slice(0, node.getStart(file)).split("\n").length;
}

function look(node, tell) {
  switch (node.kind) {
    case SyntaxKind.JsxText:
      if (WORD.test(node.text)) tell(node, node.text.trim());
      break;
    case SyntaxKind.JsxAttribute:
      if (READ.has(node.name.text) && node.initializer) said(node.initializer, tell);
      break;
    case SyntaxKind.JsxExpression:
      // As an attribute it was looked at above, if anybody reads it.
      if (node.expression && node.parent.kind !== SyntaxKind.JsxAttribute) said(node.expression, tell);
      break;
    case SyntaxKind.CallExpression:
      called(node, tell);
      break;
    case SyntaxKind.StringLiteral:
      // Wherever it stands: a sentence is for somebody.
      if (SENTENCE.test(node.text) && node.parent.expression?.text !== "t") tell(node, node.text);
      break;
  }
  node.forEachChild((each) => void look(each, tell));
}

/** The literals that an expression may come out as. */
function said(node, tell) {
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      if (WORD.test(node.text)) tell(node, node.text);
      break;
    case SyntaxKind.TemplateExpression:
      for (const each of [node.head, ...node.templateSpans.map((span) => span.literal)]) if (WORD.test(each.text)) tell(node, each.text);
      for (const span of node.templateSpans) said(span.expression, tell);
      break;
    case SyntaxKind.ConditionalExpression:
      said(node.whenTrue, tell);
      said(node.whenFalse, tell);
      break;
    case SyntaxKind.BinaryExpression:
      // What is compared is not said.
      if (new Set([SyntaxKind.PlusToken, SyntaxKind.QuestionQuestionToken, SyntaxKind.BarBarToken]).has(node.operatorToken.kind)) said(node.left, tell);
      if (!/^[=!<>]/.test(node.operatorToken.getText())) said(node.right, tell);
      break;
    case SyntaxKind.ParenthesizedExpression:
    case SyntaxKind.JsxExpression:
      if (node.expression) said(node.expression, tell);
      break;
  }
}

function called(node, tell) {
  const name = node.expression.text;
  const first = node.arguments[0];
  if (!first) return;
  if (name === "tell") said(first, tell);
  if (name === "t" && first.kind !== SyntaxKind.StringLiteral) tell(node, first.getText());
  // The extractor reads nothing inside a template.
  if (name === "t" && within(node, SyntaxKind.TemplateExpression)) tell(node, first.getText());
}

function within(node, kind) {
  for (let each = node.parent; each; each = each.parent) if (each.kind === kind) return true;
  return false;
}
