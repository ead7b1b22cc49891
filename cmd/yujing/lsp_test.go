package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLanguageServer has the client library of the protocol's authors speak to
// the program over standard input and output: testdata/lsp-client/client.test.mjs.
func TestLanguageServer(t *testing.T) {
	client, err := filepath.Abs("testdata/lsp-client")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(client, "node_modules", "vscode-languageserver-protocol")); err != nil {
		t.Fatalf("the client library is not there: %v; run make lsp-client", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "--test", "--test-reporter=tap", "client.test.mjs")
	node.Dir = client
	node.Env = append(os.Environ(), "YUJING="+itself(t), "ROOT="+root)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if passed := strings.Count(string(out), "\nok "); passed < 10 {
		t.Fatalf("%d of the client's tests passed, want 10:\n%s", passed, out)
	}
}
