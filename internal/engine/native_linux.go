package engine

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb loaded into this process. It holds one data directory per process, with any number of
// connections to it; each connection runs one statement at a time, several run in parallel.
type library struct {
	mu sync.Mutex // held while connecting: the signal actions are the process's

	setSignalHandlers func(int32)
	chdbConnect       func(int32, unsafe.Pointer) unsafe.Pointer
	chdbClose         func(unsafe.Pointer)
	chdbQuery         func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	chdbStream        func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	chdbFetch         func(conn, stream unsafe.Pointer) unsafe.Pointer
	resultBuffer      func(unsafe.Pointer) unsafe.Pointer
	resultLength      func(unsafe.Pointer) uintptr
	resultError       func(unsafe.Pointer) string
	resultDestroy     func(unsafe.Pointer)
}

func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load engine library %s: %w", path, err)
	}
	l := &library{}
	for name, function := range map[string]any{
		"chdb_set_signal_handlers_enabled": &l.setSignalHandlers,
		"chdb_connect":                     &l.chdbConnect,
		"chdb_close_conn":                  &l.chdbClose,
		"chdb_query_with_params_n":         &l.chdbQuery,
		"chdb_stream_query_with_params_n":  &l.chdbStream,
		"chdb_stream_fetch_result":         &l.chdbFetch,
		"chdb_result_buffer":               &l.resultBuffer,
		"chdb_result_length":               &l.resultLength,
		"chdb_result_error":                &l.resultError,
		"chdb_destroy_query_result":        &l.resultDestroy,
	} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("engine library %s is not libchdb %s (no function %s); run: make engine", path, Version, name)
		}
		purego.RegisterFunc(function, symbol)
	}
	restore, err := keepSignals()
	if err != nil {
		return nil, err
	}
	defer restore()
	l.setSignalHandlers(0)
	return l, nil
}

var errConnect = errors.New("chdb_connect failed")

// connect opens a connection. The first one opens the data directory named by --path and reads --config-file; what
// goes wrong is written by the library to the standard error only.
func (l *library) connect(args ...string) (*chdb, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	restore, err := keepSignals()
	if err != nil {
		return nil, err
	}
	defer restore()
	argv := make([]unsafe.Pointer, 0, len(args)+2)
	for _, arg := range append([]string{"yujing"}, args...) {
		argv = append(argv, unsafe.Pointer(&append([]byte(arg), 0)[0]))
	}
	argv = append(argv, nil)
	handle := l.chdbConnect(int32(len(argv)-1), unsafe.Pointer(&argv[0]))
	runtime.KeepAlive(argv)
	if handle == nil {
		return nil, errConnect
	}
	return &chdb{lib: l, handle: handle}, nil
}

// chdb is one connection. Not for use by several goroutines at once.
type chdb struct {
	lib    *library
	handle unsafe.Pointer // chdb_connection *
}

func (c *chdb) conn() unsafe.Pointer { return *(*unsafe.Pointer)(c.handle) }

func (c *chdb) close() {
	c.lib.chdbClose(c.handle)
	c.handle = nil
}

// param is the value of {name:Type} in a statement, in ClickHouse's escaped (TSV) text form.
type param struct{ name, value string }

// query runs a statement of any kind and returns its whole result.
func (c *chdb) query(sql, format string, params []param) (*chunk, error) {
	p := pointersOf(params)
	result := c.lib.chdbQuery(c.conn(), text(sql), uintptr(len(sql)), text(format), uintptr(len(format)),
		p.names(), p.nameLens(), p.values(), p.valueLens(), uintptr(len(params)))
	runtime.KeepAlive(p)
	return c.lib.take(result)
}

// stream starts a SELECT whose result is fetched with next. Any other statement is refused before it runs, see
// notStreamable.
func (c *chdb) stream(sql, format string, params []param) (*stream, error) {
	p := pointersOf(params)
	result := c.lib.chdbStream(c.conn(), text(sql), uintptr(len(sql)), text(format), uintptr(len(format)),
		p.names(), p.nameLens(), p.values(), p.valueLens(), uintptr(len(params)))
	runtime.KeepAlive(p)
	if result == nil {
		return nil, errNoResult
	}
	if message := c.lib.resultError(result); message != "" {
		c.lib.resultDestroy(result)
		return nil, newError(message)
	}
	return &stream{conn: c, handle: result}, nil
}

type stream struct {
	conn   *chdb
	handle unsafe.Pointer
}

// next returns the next piece of the result, nil at its end. After an error the connection must be closed: the library
// hands what is left of the result to the connection's next statement.
func (s *stream) next() (*chunk, error) {
	piece, err := s.conn.lib.take(s.conn.lib.chdbFetch(s.conn.conn(), s.handle))
	if err != nil || len(piece.bytes()) > 0 {
		return piece, err
	}
	piece.free()
	return nil, nil
}

func (s *stream) free() { s.conn.lib.resultDestroy(s.handle) }

// chunk is memory of the library holding a result or a piece of one.
type chunk struct {
	lib    *library
	handle unsafe.Pointer
}

var errNoResult = errors.New("the engine gave no result")

func (l *library) take(result unsafe.Pointer) (*chunk, error) {
	if result == nil {
		return nil, errNoResult
	}
	if message := l.resultError(result); message != "" {
		l.resultDestroy(result)
		return nil, newError(message)
	}
	return &chunk{lib: l, handle: result}, nil
}

// bytes is valid until free.
func (c *chunk) bytes() []byte {
	length := c.lib.resultLength(c.handle)
	if length == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(c.lib.resultBuffer(c.handle)), length)
}

func (c *chunk) free() { c.lib.resultDestroy(c.handle) }

// pointers are the four C arrays in which the library takes parameters.
type pointers struct {
	name, value       []unsafe.Pointer
	nameLen, valueLen []uintptr
}

func pointersOf(params []param) *pointers {
	p := &pointers{}
	for _, param := range params {
		p.name, p.nameLen = append(p.name, text(param.name)), append(p.nameLen, uintptr(len(param.name)))
		p.value, p.valueLen = append(p.value, text(param.value)), append(p.valueLen, uintptr(len(param.value)))
	}
	return p
}

func (p *pointers) names() unsafe.Pointer     { return unsafe.Pointer(unsafe.SliceData(p.name)) }
func (p *pointers) values() unsafe.Pointer    { return unsafe.Pointer(unsafe.SliceData(p.value)) }
func (p *pointers) nameLens() unsafe.Pointer  { return unsafe.Pointer(unsafe.SliceData(p.nameLen)) }
func (p *pointers) valueLens() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(p.valueLen)) }

// text is the address of a string's bytes, never nil: std::string does not take a null pointer.
func text(s string) unsafe.Pointer {
	if s == "" {
		return unsafe.Pointer(&[1]byte{})
	}
	return unsafe.Pointer(unsafe.StringData(s))
}
