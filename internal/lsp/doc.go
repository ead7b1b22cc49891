// Package lsp is a language server for the files that people write: rules, risks,
// unit tests of rules, feed definitions and the configuration. It says in an editor
// what `yujing check` says on a command line, as the file is being written, and
// offers what the schemas (docs/schema) and the language of the rules know.
//
// The protocol's types are declared here as far as they are used; the messages go
// through github.com/creachadair/jrpc2. The server reads files and writes none.
package lsp
