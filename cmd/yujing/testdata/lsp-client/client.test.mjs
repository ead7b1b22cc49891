// Speaks to `yujing lsp` as an editor does, with the client library of the
// protocol's authors. TestLanguageServer runs it; YUJING is the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const { YUJING, ROOT } = process.env;
const limit = 20_000; // milliseconds: the machine may be busy

// session starts a server in a directory of its own with the shipped rules.
function session(t, program = YUJING, args = ["lsp", "--stdio"]) {
	const dir = mkdtempSync(join(tmpdir(), "yujing-lsp-"));
	cpSync(join(ROOT, "rules.d"), join(dir, "rules.d"), { recursive: true });
	const server = spawn(program, args, { cwd: dir, stdio: ["pipe", "pipe", "pipe"] });
	let stderr = "";
	server.stderr.on("data", (text) => (stderr += text));
	const ended = new Promise((resolve) => server.on("exit", (code, signal) => resolve(signal ?? code)));
	const connection = protocol.createProtocolConnection(
		new protocol.StreamMessageReader(server.stdout),
		new protocol.StreamMessageWriter(server.stdin),
	);
	const told = new Map(); // URI -> what was published, in order
	let wake = () => {};
	connection.onNotification(protocol.PublishDiagnosticsNotification.type, (p) => {
		told.set(p.uri, [...(told.get(p.uri) ?? []), p]);
		wake();
	});
	connection.onRequest(protocol.ConfigurationRequest.type, ({ items }) => items.map(() => ({ validate: true, hover: true })));
	connection.onError(() => {}); // a server that has left
	connection.listen();
	t.after(() => {
		connection.dispose();
		server.kill("SIGKILL");
		rmSync(dir, { recursive: true, force: true });
	});
	const self = {
		dir, server, connection, ended, told,
		stderr: () => stderr,
		uri: (name) => pathToFileURL(join(dir, "rules.d", name)).href,
		read: (name) => readFileSync(join(dir, "rules.d", name), "utf8"),
		async initialize(capabilities = {}) {
			const result = await connection.sendRequest(protocol.InitializeRequest.type, {
				processId: process.pid, rootUri: pathToFileURL(dir).href, workspaceFolders: null, capabilities,
			});
			await connection.sendNotification(protocol.InitializedNotification.type, {});
			return result;
		},
		open: (name, text, version = 1) => connection.sendNotification(protocol.DidOpenTextDocumentNotification.type,
			{ textDocument: { uri: self.uri(name), languageId: "yaml", version, text } }),
		change: (name, text, version) => connection.sendNotification(protocol.DidChangeTextDocumentNotification.type,
			{ textDocument: { uri: self.uri(name), version }, contentChanges: [{ text }] }),
		// published waits until what was said last of a file is as wanted.
		async published(name, wanted) {
			const end = Date.now() + limit;
			for (;;) {
				const last = told.get(self.uri(name))?.at(-1);
				if (last && wanted(last)) return last;
				if (Date.now() > end) assert.fail(`${name}: ${JSON.stringify(last)}\n${stderr}`);
				await new Promise((resolve) => {
					wake = resolve;
					setTimeout(resolve, 100);
				});
			}
		},
		async leave() {
			await connection.sendRequest(protocol.ShutdownRequest.type);
			await connection.sendNotification(protocol.ExitNotification.type);
			return ended;
		},
	};
	return self;
}

// cut takes the mark ▮ out of a text and gives its position in UTF-16 units, which
// are those of JavaScript.
function cut(marked) {
	const at = marked.indexOf("▮");
	const before = marked.slice(0, at).split("\n");
	return { text: marked.replace("▮", ""), position: { line: before.length - 1, character: before.at(-1).length } };
}

// covered gives the text of a range.
function covered(text, range) {
	assert.equal(range.start.line, range.end.line);
	return text.split("\n")[range.start.line].slice(range.start.character, range.end.character);
}

const rule = (when) => `risk: repeat
rules:
  - id: from-the-editor
    name: {zh: 编辑器, en: editor}
    when: '${when}'
    points: 1
    because: 共 {{ len(contacts) }} 次
    advise: 请电话联系信访人
`;

const ask = (s, type, name, position) => s.connection.sendRequest(type, { textDocument: { uri: s.uri(name) }, position });

test("problems stand where they are, and go when they are mended", async (t) => {
	const s = session(t);
	const { capabilities } = await s.initialize();
	assert.equal(capabilities.positionEncoding, "utf-16");
	const wrong = rule('case.subject == "😀公司" and any(contacts, .agian)');
	await s.open("mine.yaml", wrong);
	const told = await s.published("mine.yaml", (p) => p.diagnostics.some((d) => d.severity === 1));
	assert.equal(told.version, 1);
	const problem = told.diagnostics.find((d) => d.severity === 1);
	assert.equal(problem.code, "unknown-name");
	assert.match(problem.message, /did you mean .again\?/);
	assert.equal(covered(wrong, problem.range).replace(".", ""), "agian");
	const [fix] = await s.connection.sendRequest(protocol.CodeActionRequest.type,
		{ textDocument: { uri: s.uri("mine.yaml") }, range: problem.range, context: { diagnostics: told.diagnostics } });
	assert.equal(fix.title, "write again");
	await s.change("mine.yaml", rule("any(contacts, .again)"), 2);
	const mended = await s.published("mine.yaml", (p) => p.version === 2);
	assert.deepEqual(mended.diagnostics.filter((d) => d.severity === 1), []);
	assert.equal(await s.leave(), 0);
});

test("columns are bytes for a client that offers UTF-8 first", async (t) => {
	const s = session(t);
	const { capabilities } = await s.initialize({ general: { positionEncodings: ["utf-8", "utf-16"] } });
	assert.equal(capabilities.positionEncoding, "utf-8");
	const wrong = rule('case.subject == "😀公司" and nobody');
	await s.open("mine.yaml", wrong);
	const told = await s.published("mine.yaml", (p) => p.diagnostics.length > 0);
	const { range } = told.diagnostics.find((d) => d.code === "unknown-name");
	const line = Buffer.from(wrong.split("\n")[range.start.line]);
	assert.equal(line.subarray(range.start.character, range.end.character).toString(), "nobody");
	assert.equal(await s.leave(), 0);
});

test("a rule renamed in one file breaks the tests in another", async (t) => {
	const s = session(t);
	await s.initialize();
	await s.open("repeat_test.yaml", s.read("repeat_test.yaml"));
	assert.deepEqual((await s.published("repeat_test.yaml", () => true)).diagnostics, []);
	await s.open("repeat.yaml", s.read("repeat.yaml").replace("id: asked-again-unanswered", "id: renamed"));
	const told = await s.published("repeat_test.yaml", (p) => p.diagnostics.length > 0);
	assert.match(told.diagnostics[0].message, /asked-again-unanswered/);
	await s.connection.sendNotification(protocol.DidCloseTextDocumentNotification.type, { textDocument: { uri: s.uri("repeat.yaml") } });
	await s.published("repeat_test.yaml", (p) => p.diagnostics.length === 0);
	assert.equal(await s.leave(), 0);
});

test("what can come next", async (t) => {
	const s = session(t);
	await s.initialize({ textDocument: { completion: { completionItem: { snippetSupport: true } } } });
	let version = 1;
	await s.open("mine.yaml", "");
	for (const [marked, pick, after] of [
		[rule('case.subject == "😀" and any(contacts, .ag▮)'), "again", "any(contacts, .again)'"],
		[rule('any(actions, .act == "rep▮")'), "replied", '.act == "replied")'],
		[rule('"😀" == case.unit and ove▮'), "overdue", "and overdue($0)'"],
		[rule('overdue("▮")'), "hotline_reply", 'overdue("hotline_reply")'],
		[rule("true").replace("len(contacts)", "case.▮"), "people", "{{ case.people }}"],
		[rule("true").replace("points: 1", "points: 1\n    mo▮"), "mode", "    mode: "],
		[rule("true").replace("risk: repeat", "risk: ▮"), "escalated", "risk: escalated"],
	]) {
		const { text, position } = cut(marked);
		await s.change("mine.yaml", text, ++version);
		const list = await ask(s, protocol.CompletionRequest.type, "mine.yaml", position);
		const item = list.items.find((i) => i.label === pick);
		assert.ok(item, `${pick} is not offered at ${JSON.stringify(position)} of\n${marked}\n${list.items.map((i) => i.label)}`);
		const line = text.split("\n")[item.textEdit.range.start.line];
		const applied = line.slice(0, item.textEdit.range.start.character) + item.textEdit.newText + line.slice(item.textEdit.range.end.character);
		assert.ok(applied.includes(after), `${applied} does not hold ${after}`);
	}
	assert.equal(await s.leave(), 0);
});

test("what stands here, and where it is declared", async (t) => {
	const s = session(t);
	await s.initialize();
	const { text, position } = cut(rule('case.subject == "😀" and any(contacts, .▮again)'));
	await s.open("mine.yaml", text);
	const hover = await ask(s, protocol.HoverRequest.type, "mine.yaml", position);
	assert.match(hover.contents.value, /again: bool/);
	assert.match(hover.contents.value, /same known complainant/);
	assert.equal(covered(text, hover.range).replace(".", ""), "again");

	const tests = s.read("repeat_test.yaml");
	await s.open("repeat_test.yaml", tests);
	const lines = tests.split("\n");
	const line = lines.findIndex((l) => l.includes("rules: [asked-again-unanswered"));
	const at = { line, character: lines[line].indexOf("unanswered") };
	const [there] = await ask(s, protocol.DefinitionRequest.type, "repeat_test.yaml", at);
	assert.equal(there.uri, s.uri("repeat.yaml"));
	assert.equal(covered(s.read("repeat.yaml"), there.range), "asked-again-unanswered");
	assert.match((await ask(s, protocol.HoverRequest.type, "repeat_test.yaml", at)).contents.value, /30 points/);

	const symbols = await s.connection.sendRequest(protocol.DocumentSymbolRequest.type, { textDocument: { uri: s.uri("mine.yaml") } });
	assert.deepEqual(symbols.map((x) => x.name), ["from-the-editor"]);
	assert.equal(await ask(s, protocol.HoverRequest.type, "mine.yaml", { line: 99, character: 99 }), null);
	assert.equal(await s.leave(), 0);
});

test("of a burst of changes the last one counts", async (t) => {
	const s = session(t);
	await s.initialize();
	await s.open("mine.yaml", rule("true"));
	const word = "nobody_at_all";
	for (let n = 1; n <= word.length; n++) await s.change("mine.yaml", rule(word.slice(0, n)), n + 1);
	const last = await s.published("mine.yaml", (p) => p.version === word.length + 1);
	assert.ok(last.diagnostics.some((d) => d.message.includes(word)), JSON.stringify(last));
	const versions = s.told.get(s.uri("mine.yaml")).map((p) => p.version);
	assert.ok(versions.length < word.length, `problems were told ${versions.length} times: ${versions}`);
	assert.equal(await s.leave(), 0);
});

test("files that change on disk are looked at when the client says so", async (t) => {
	const s = session(t);
	let watched;
	const registered = new Promise((resolve) => (watched = resolve));
	s.connection.onRequest(protocol.RegistrationRequest.type, (p) => watched(p.registrations[0]));
	await s.initialize({ workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } });
	assert.equal((await registered).method, "workspace/didChangeWatchedFiles");
	await s.open("repeat_test.yaml", s.read("repeat_test.yaml"));
	await s.published("repeat_test.yaml", (p) => p.diagnostics.length === 0);
	const file = join(s.dir, "rules.d", "repeat.yaml");
	writeFileSync(file, s.read("repeat.yaml").replace("id: asked-again-unanswered", "id: renamed"));
	await s.connection.sendNotification(protocol.DidChangeWatchedFilesNotification.type, { changes: [{ uri: s.uri("repeat.yaml"), type: 2 }] });
	await s.published("repeat_test.yaml", (p) => p.diagnostics.length > 0);
	assert.equal(await s.leave(), 0);
});

test("messages at the wrong time, of no method, without sense", async (t) => {
	const s = session(t);
	const position = { line: 0, character: 0 };
	await assert.rejects(ask(s, protocol.HoverRequest.type, "mine.yaml", position), { code: -32002 });
	await s.initialize();
	await assert.rejects(ask(s, protocol.HoverRequest.type, "mine.yaml", position), { code: -32602 }); // not open
	await assert.rejects(s.connection.sendRequest("textDocument/poem", {}), { code: -32601 });
	await assert.rejects(s.connection.sendRequest("textDocument/hover", { position: "here" }), { code: -32602 });
	await s.connection.sendNotification("$/setTrace", { value: "off" });
	await s.connection.sendNotification("textDocument/didChange", { contentChanges: 3 });
	await s.open("mine.yaml", "risk: [\u0000\n\t: ~~ {{{");
	assert.match((await ask(s, protocol.HoverRequest.type, "mine.yaml", position)).contents.value, /The risk/);
	assert.equal(await ask(s, protocol.HoverRequest.type, "mine.yaml", { line: 1, character: 5 }), null);
	assert.equal((await s.published("mine.yaml", () => true)).diagnostics.length > 0, true);
	await s.connection.sendRequest(protocol.ShutdownRequest.type);
	await assert.rejects(ask(s, protocol.HoverRequest.type, "mine.yaml", position), { code: -32600 });
	await s.connection.sendNotification(protocol.ExitNotification.type);
	assert.equal(await s.ended, 0);
});

test("an exit without shutdown, and a client that goes away, end the server with 1", async (t) => {
	const rude = session(t);
	await rude.initialize();
	await rude.connection.sendNotification(protocol.ExitNotification.type);
	assert.equal(await rude.ended, 1);
	const gone = session(t);
	await gone.initialize();
	gone.server.stdin.end();
	assert.equal(await gone.ended, 1);
	assert.match(gone.stderr(), /without shutdown/);
});

// The other way: no server of ours, but the YAML plugin's, which reads our schemas.
// It is what VS Code, Neovim, Helix and Eclipse have for YAML.
test("the YAML plugin's server takes the schemas", async (t) => {
	const s = session(t, process.execPath, ["node_modules/yaml-language-server/bin/yaml-language-server", "--stdio"].map((a) => (a.startsWith("node_modules") ? join(import.meta.dirname, a) : a)));
	await s.initialize({ workspace: { configuration: true }, textDocument: { hover: { contentFormat: ["markdown"] } } });
	const schema = (kind) => `# yaml-language-server: $schema=${pathToFileURL(join(ROOT, "docs", "schema", `${kind}.json`)).href}\n`;
	for (const [kind, file] of [
		["rules", "rules.d/repeat.yaml"], ["rules", "rules.d/collective.yaml"], ["risks", "rules.d/risks.yaml"], ["tests", "rules.d/repeat_test.yaml"],
		["source", "sources.d/bureau.yaml"], ["source", "sources.d/online.yaml"], ["source", "examples/boston311/boston311.yaml"],
	]) {
		const name = file.replaceAll("/", "-");
		await s.open(name, schema(kind) + readFileSync(join(ROOT, file), "utf8"));
		assert.deepEqual((await s.published(name, () => true)).diagnostics, [], file);
	}
	const wrong = schema("rules") + s.read("repeat.yaml").replace("    points: 30", "    pionts: 30\n    mode: shade");
	await s.open("wrong.yaml", wrong);
	const told = (await s.published("wrong.yaml", () => true)).diagnostics.map((d) => d.message).join("\n");
	assert.match(told, /pionts is not allowed/);
	assert.match(told, /"active", "shadow"/);
	const line = wrong.split("\n").findIndex((l) => l.startsWith("    advise:"));
	const hover = await ask(s, protocol.HoverRequest.type, "wrong.yaml", { line, character: 6 });
	assert.match(JSON.stringify(hover.contents), /a service to the citizen/);
	await s.leave();
});
