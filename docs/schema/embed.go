// Package schema carries the JSON Schemas (draft-07) of the files that people
// write: rules, risks, unit tests, feed definitions, configuration. They are
// generated from the code that reads these files.
package schema

import "embed"

//go:generate go run ../../internal/schema/schemagen .

// Files holds KIND.json for rules, risks, tests, source and config.
//
//go:embed *.json
var Files embed.FS
