//go:build !linux

package engine

import (
	"errors"
	"runtime"
)

// Elsewhere than on Linux there is no engine: the program then works with a ClickHouse server.

var (
	errConnect     = errors.New("chdb_connect failed")
	errUnsupported = errors.New("no embedded engine for " + runtime.GOOS + "; set clickhouse.addr to a ClickHouse server")
)

type (
	library struct{}
	chdb    struct{}
	stream  struct{}
	chunk   struct{}
	param   struct{ name, value string }
)

func loadLibrary(string) (*library, error)                    { return nil, errUnsupported }
func (*library) connect(...string) (*chdb, error)             { return nil, errUnsupported }
func (*chdb) close()                                          {}
func (*chdb) query(string, string, []param) (*chunk, error)   { return nil, errUnsupported }
func (*chdb) stream(string, string, []param) (*stream, error) { return nil, errUnsupported }
func (*stream) next() (*chunk, error)                         { return nil, errUnsupported }
func (*stream) free()                                         {}
func (*chunk) bytes() []byte                                  { return nil }
func (*chunk) free()                                          {}
