package engine

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// queryError is an error of ClickHouse: the code of its table of errors (60 = UNKNOWN_TABLE) and its text, which
// starts with "Code: 60. DB::Exception: ".
type queryError struct {
	code int
	text string
}

func (e *queryError) Error() string { return e.text }

// Codes of ClickHouse's table of errors that are told apart here.
const (
	codeUnknownTable     = 60
	codeSyntax           = 62
	codeUnknownDatabase  = 81
	codeBadArguments     = 36
	codeNotImplemented   = 48
	codeReadonly         = 164
	codeAuthentication   = 516
	codeServerOverloaded = 745
	codeUnknown          = 1002
)

var errorPrefix = regexp.MustCompile(`^Code: (\d+)\. DB::\w*Exception: `)

// newError reads a message of the library. Materialised queries wrap it up to three times; one prefix stays.
func newError(message string) *queryError {
	message = strings.TrimSpace(message)
	found := errorPrefix.FindStringSubmatch(message)
	if found == nil {
		return problem(codeUnknown, message)
	}
	for {
		inner := message[len(found[0]):]
		next := errorPrefix.FindStringSubmatch(inner)
		if next == nil || next[1] != found[1] {
			break
		}
		message, found = inner, next
	}
	code, _ := strconv.Atoi(found[1]) // the pattern has digits only
	return &queryError{code: code, text: message}
}

// problem is an error found by the shim itself, in the form of ClickHouse's own.
func problem(code int, text string) *queryError {
	return &queryError{code: code, text: "Code: " + strconv.Itoa(code) + ". DB::Exception: " + text}
}

// status is the HTTP status that goes with the code; clients decide by the code.
func (e *queryError) status() int {
	switch e.code {
	case codeUnknownTable, codeUnknownDatabase:
		return http.StatusNotFound
	case codeSyntax, codeBadArguments:
		return http.StatusBadRequest
	case codeReadonly:
		return http.StatusForbidden
	case codeAuthentication:
		return http.StatusUnauthorized
	case codeNotImplemented:
		return http.StatusNotImplemented
	case codeServerOverloaded:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// notStreamable says that the library refused to stream a statement, which it does before running any of it.
func notStreamable(err error) bool {
	var refused *queryError
	return errors.As(err, &refused) && refused.code == codeBadArguments && strings.Contains(refused.text, "Streaming query is not supported")
}
